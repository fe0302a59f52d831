// mandelbrot: how soon each point escapes.

#include "../bench.h"

enum {
  N = PICK(24, 64, 240, 600, 1200),
  Limit = PICK(50, 100, 300, 800, 1500)
};

static void kernel(int32_t *counts) {
  for (int y = 0; y < N; y++)
    for (int x = 0; x < N; x++) {
      double cr = 3.0 * x / N - 2.25, ci = 3.0 * y / N - 1.5;
      double zr = 0, zi = 0;
      int count = 0;
      while (count < Limit && zr * zr + zi * zi <= 4) {
        double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        count++;
      }
      counts[y * N + x] = count;
    }
}

int main(void) {
  int32_t *counts = array(N * N * sizeof *counts);
  while (again())
    TIMED(kernel(counts));
  check(counts, N * N * sizeof *counts);
  return finish();
}
