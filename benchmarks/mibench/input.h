// Generated inputs: the same on every machine, and uneven enough.

#pragma once

static uint32_t inputState = 12345;

static inline uint32_t random32(void) {
  inputState ^= inputState << 13;
  inputState ^= inputState >> 17;
  inputState ^= inputState << 5;
  return inputState;
}

// A waveform of two tones and noise, without a library's sine.
__attribute__((unused)) static void makeSamples(int16_t *samples, int count) {
  int low = 0, high = 0, lowSpeed = 900, highSpeed = 3000;
  for (int i = 0; i < count; i++) {
    lowSpeed -= low / 64;
    low += lowSpeed / 8;
    highSpeed -= high / 4;
    high += highSpeed / 4;
    int value = low + high + (int)(random32() % 256) - 128;
    samples[i] = (int16_t)(value > 32767    ? 32767
                           : value < -32768 ? -32768
                                            : value);
  }
}

__attribute__((unused)) static void makeBytes(uint8_t *bytes, int count) {
  for (int i = 0; i < count; i++)
    bytes[i] = (uint8_t)(random32() >> 24);
}

// What a kernel is known to answer.
__attribute__((unused)) static void expectWord(uint32_t found,
                                               uint32_t expected) {
  if (found != expected) {
    fprintf(stderr, "expected %08x, found %08x\n", (unsigned)expected,
            (unsigned)found);
    exit(1);
  }
}
