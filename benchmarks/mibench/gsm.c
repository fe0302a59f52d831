// gsm: what a full-rate speech encoder spends its time on, in the same 16-bit
// fixed point: pre-emphasis, autocorrelation, Schur's recursion, the short-term
// lattice filter and the search for the pitch. No frames are packed.

#include "../bench.h"
#include "input.h"

enum {
  Frames = PICK(4, 60, 2000, 16000, 64000),
  Length = 160,
  Order = 8,
  N = Frames * Length
};

static inline int16_t saturate(int value) {
  return (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
}
static inline int16_t multiply(int16_t a, int16_t b) {
  return saturate((a * b + 16384) >> 15);
}

static void autocorrelate(int16_t *frame, int64_t *sums) {
  int peak = 1;
  for (int i = 0; i < Length; i++) {
    int value = frame[i] < 0 ? -frame[i] : frame[i];
    peak = value > peak ? value : peak;
  }
  int shift = 0;
  while (peak >> shift > 4095)
    shift++;
  int16_t scaled[Length];
  for (int i = 0; i < Length; i++)
    scaled[i] = (int16_t)(frame[i] >> shift);
  for (int lag = 0; lag <= Order; lag++) {
    int64_t sum = 0;
    for (int i = lag; i < Length; i++)
      sum += scaled[i] * scaled[i - lag];
    sums[lag] = sum;
  }
}

static void reflect(const int64_t *sums, int16_t *coefficients) {
  int32_t p[Order + 1], k[Order + 1];
  memset(coefficients, 0, Order * sizeof *coefficients);
  int shift = 0;
  while (sums[0] >> shift > 16383)
    shift++;
  for (int i = 0; i <= Order; i++)
    p[i] = k[i] = (int32_t)(sums[i] / ((int64_t)1 << shift));
  for (int n = 0; n < Order; n++) {
    int32_t top = p[1] < 0 ? -p[1] : p[1];
    if (p[0] <= 0 || top >= p[0])
      return;
    int16_t r = saturate((int)(((int64_t)top << 15) / p[0]));
    if (p[1] > 0)
      r = (int16_t)-r;
    coefficients[n] = r;
    p[0] += (p[1] * r) >> 15;
    for (int m = 1; m < Order - n; m++) {
      int32_t next = p[m + 1] + ((k[m] * r) >> 15);
      k[m] += (p[m + 1] * r) >> 15;
      p[m] = next;
    }
  }
}

static void filter(int16_t *frame, const int16_t *coefficients, int16_t *u) {
  for (int i = 0; i < Length; i++) {
    int16_t direct = frame[i], saved = frame[i];
    for (int n = 0; n < Order; n++) {
      int16_t r = coefficients[n], before = u[n];
      u[n] = saved;
      saved = saturate(before + multiply(r, direct));
      direct = saturate(direct + multiply(r, before));
    }
    frame[i] = direct;
  }
}

// The lag of 40 to 120 at which a quarter of a frame most resembles the past.
static int pitch(const int16_t *residual, int64_t *best) {
  int found = 40;
  *best = INT64_MIN;
  for (int lag = 40; lag <= 120; lag++) {
    int32_t sum = 0;
    for (int i = 0; i < 40; i++)
      sum += (residual[i] >> 3) * (residual[i - lag] >> 3) >> 4;
    if (sum > *best) {
      *best = sum;
      found = lag;
    }
  }
  return found;
}

static void kernel(const int16_t *samples, int16_t *residual, int16_t *lags) {
  int16_t u[Order] = {0};
  int16_t before = 0;
  for (int frame = 0; frame < Frames; frame++) {
    int16_t *out = residual + frame * Length;
    for (int i = 0; i < Length; i++) {
      int16_t sample = samples[frame * Length + i];
      out[i] = saturate(sample - multiply(before, 28180));
      before = sample;
    }
    int64_t sums[Order + 1];
    int16_t coefficients[Order];
    autocorrelate(out, sums);
    reflect(sums, coefficients);
    filter(out, coefficients, u);
    for (int part = 0; part < 4; part++) {
      int64_t best;
      lags[frame * 4 + part] =
          (int16_t)(frame ? pitch(out + 40 * part, &best) : 0);
    }
  }
}

int main(void) {
  int16_t *samples = array(N * sizeof *samples);
  int16_t *residual = array(N * sizeof *residual);
  int16_t *lags = array(Frames * 4 * sizeof *lags);
  makeSamples(samples, N);
  while (again())
    TIMED(kernel(samples, residual, lags));
  check(residual, N * sizeof *residual);
  check(lags, Frames * 4 * sizeof *lags);
  return finish();
}
