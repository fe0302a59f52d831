// fft: forth and back, of a power of two, in place.

#include "../bench.h"
#include "input.h"
#include <math.h>

enum { Bits = PICK(7, 11, 16, 19, 21), N = 1 << Bits };

// cos and sin of 2 pi k / N, from those of pi by halving angles: square roots
// are the same everywhere, cosines are not.
static void makeTwiddles(double *re, double *im) {
  double c = -1, s = 0;
  re[0] = 1;
  im[0] = 0;
  for (int step = N / 2; step >= 1; step /= 2) {
    if (step < N / 2)
      for (int k = step; k < N; k += 2 * step) {
        re[k] = re[k - step] * c - im[k - step] * s;
        im[k] = re[k - step] * s + im[k - step] * c;
      }
    else {
      re[step] = -1;
      im[step] = 0;
    }
    double half = sqrt((1 + c) / 2);
    s = step == N / 2 ? 1 : s / (2 * half);
    c = half;
  }
}

static void transform(double *re, double *im, const double *wre,
                      const double *wim, double sign) {
  for (uint32_t i = 0, j = 0; i < N; i++) {
    if (i < j) {
      double kept = re[i];
      re[i] = re[j];
      re[j] = kept;
      kept = im[i];
      im[i] = im[j];
      im[j] = kept;
    }
    uint32_t bit = N / 2;
    for (; bit && j & bit; bit >>= 1)
      j ^= bit;
    j |= bit;
  }
  for (int size = 2; size <= N; size *= 2) {
    int half = size / 2, stride = N / size;
    for (int from = 0; from < N; from += size)
      for (int k = 0; k < half; k++) {
        double wr = wre[k * stride], wi = sign * wim[k * stride];
        double *ar = re + from + k, *ai = im + from + k;
        double tr = ar[half] * wr - ai[half] * wi;
        double ti = ar[half] * wi + ai[half] * wr;
        ar[half] = *ar - tr;
        ai[half] = *ai - ti;
        *ar += tr;
        *ai += ti;
      }
  }
}

int main(void) {
  int16_t *samples = array(N * sizeof *samples);
  double *re = array(N * sizeof *re), *im = array(N * sizeof *im);
  double *wre = array(N * sizeof *wre), *wim = array(N * sizeof *wim);
  makeSamples(samples, N);
  makeTwiddles(wre, wim);
  while (again()) {
    for (int i = 0; i < N; i++) {
      re[i] = samples[i];
      im[i] = 0;
    }
    start();
    transform(re, im, wre, wim, -1);
    transform(re, im, wre, wim, 1);
    stop();
  }
  for (int i = 0; i < N; i++)
    if (fabs(re[i] / N - samples[i]) > 1e-6) {
      fprintf(stderr, "sample %d: %f, was %d\n", i, re[i] / N, samples[i]);
      return 1;
    }
  check(re, N * sizeof *re);
  check(im, N * sizeof *im);
  return finish();
}
