// adpcm: 16-bit samples to four bits each and back, after IMA.

#include "../bench.h"
#include "input.h"

enum { N = PICK(2000, 40000, 1000000, 8000000, 32000000) };

static const int8_t indexSteps[8] = {-1, -1, -1, -1, 2, 4, 6, 8};
static int16_t stepSizes[89];

typedef struct {
  int value, index;
} State;

// Each step is a tenth more than the one before.
static void makeSteps(void) {
  double step = 7;
  for (int i = 0; i < 89; i++, step *= 1.1)
    stepSizes[i] = (int16_t)(step > 32767 ? 32767 : step);
}

static inline int clamp(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

static inline void advance(State *state, int code) {
  int step = stepSizes[state->index];
  int change = step >> 3;
  if (code & 4)
    change += step;
  if (code & 2)
    change += step >> 1;
  if (code & 1)
    change += step >> 2;
  state->value = clamp(code & 8 ? state->value - change : state->value + change,
                       -32768, 32767);
  state->index = clamp(state->index + indexSteps[code & 7], 0, 88);
}

static void encode(const int16_t *samples, uint8_t *codes) {
  State state = {0, 0};
  for (int i = 0; i < N; i++) {
    int step = stepSizes[state.index];
    int difference = samples[i] - state.value;
    int code = 0;
    if (difference < 0) {
      code = 8;
      difference = -difference;
    }
    for (int bit = 4; bit; bit >>= 1, step >>= 1)
      if (difference >= step) {
        code |= bit;
        difference -= step;
      }
    advance(&state, code);
    if (i & 1)
      codes[i / 2] |= (uint8_t)code;
    else
      codes[i / 2] = (uint8_t)(code << 4);
  }
}

static void decode(const uint8_t *codes, int16_t *samples) {
  State state = {0, 0};
  for (int i = 0; i < N; i++) {
    advance(&state, i & 1 ? codes[i / 2] & 15 : codes[i / 2] >> 4);
    samples[i] = (int16_t)state.value;
  }
}

int main(void) {
  int16_t *samples = array(N * sizeof *samples);
  int16_t *decoded = array(N * sizeof *decoded);
  uint8_t *codes = array(N / 2);
  makeSteps();
  makeSamples(samples, N);
  while (again()) {
    start();
    encode(samples, codes);
    decode(codes, decoded);
    stop();
  }
  check(codes, N / 2);
  check(decoded, N * sizeof *decoded);
  return finish();
}
