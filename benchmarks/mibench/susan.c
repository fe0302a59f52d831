// susan: an image smoothed by what is near in place and in brightness, and the
// corners in it, by how much of a disc of 37 pixels resembles its centre.

#include "../bench.h"
#include "input.h"

enum { W = PICK(32, 80, 400, 1200, 2400), H = PICK(24, 60, 300, 900, 1800) };

static uint8_t near[511];
static const int8_t widths[7] = {1, 2, 3, 3, 3, 2, 1};

// exp(-(d / 20)^2), by a series that is the same everywhere.
static void makeNear(void) {
  for (int d = -255; d <= 255; d++) {
    double x = d / 20.0 * (d / 20.0) / 64, sum = 1, term = 1;
    for (int n = 1; n < 30; n++) {
      term *= x / n;
      sum += term;
    }
    for (int i = 0; i < 6; i++)
      sum *= sum;
    near[d + 255] = (uint8_t)(100 / sum);
  }
}

static void smooth(const uint8_t *in, uint8_t *out) {
  for (int y = 3; y < H - 3; y++)
    for (int x = 3; x < W - 3; x++) {
      const uint8_t *weight = near + 255 - in[y * W + x];
      int sum = 0, total = 0;
      for (int j = -3; j <= 3; j++)
        for (int i = -3; i <= 3; i++) {
          int pixel = in[(y + j) * W + x + i];
          int share = weight[pixel] * (8 - (i * i + j * j) / 3);
          sum += share * pixel;
          total += share;
        }
      out[y * W + x] = (uint8_t)(sum / total);
    }
}

static int corners(const uint8_t *in, int32_t *response) {
  for (int y = 3; y < H - 3; y++)
    for (int x = 3; x < W - 3; x++) {
      const uint8_t *weight = near + 255 - in[y * W + x];
      int area = 0;
      for (int j = -3; j <= 3; j++) {
        const uint8_t *row = in + (y + j) * W + x;
        for (int i = -widths[j + 3]; i <= widths[j + 3]; i++)
          area += weight[row[i]];
        if (area > 1850)
          break;
      }
      response[y * W + x] = area < 1850 ? 1850 - area : 0;
    }
  int count = 0;
  for (int y = 4; y < H - 4; y++)
    for (int x = 4; x < W - 4; x++) {
      const int32_t *at = response + y * W + x;
      count +=
          *at > 0 && *at > at[-1] && *at > at[1] && *at > at[-W] && *at > at[W];
    }
  return count;
}

int main(void) {
  uint8_t *in = array(W * H), *out = array(W * H);
  int32_t *response = array(W * H * sizeof *response);
  makeNear();
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      in[y * W + x] = (uint8_t)((x / 13 + y / 9) % 4 * 50 + x * y / 97 % 32 +
                                random32() % 16);
  int32_t count = 0;
  while (again()) {
    memcpy(out, in, W * H);
    memset(response, 0, W * H * sizeof *response);
    start();
    smooth(in, out);
    count = corners(out, response);
    stop();
  }
  check(&count, sizeof count);
  check(out, W * H);
  check(response, W * H * sizeof *response);
  return finish();
}
