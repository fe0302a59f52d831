// The shortest way through a maze that is dug first, breadth first.
#include "bench.h"

enum { Width = 41, Height = 41, Wall = 255 };
static uint8_t cells[Height][Width];
static uint16_t queue[Width * Height];
static uint16_t distances[Height][Width];

static const int8_t steps[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

static void dig(uint32_t *seed) {
  for (int y = 0; y < Height; ++y)
    for (int x = 0; x < Width; ++x)
      cells[y][x] = Wall;
  int depth = 0;
  queue[depth++] = 1 * Width + 1;
  cells[1][1] = 0;
  while (depth) {
    int y = queue[depth - 1] / Width, x = queue[depth - 1] % Width;
    int first = (int)(nextRandom(seed) & 3), tried = 0;
    for (; tried < 4; ++tried) {
      const int8_t *step = steps[(first + tried) & 3];
      int ny = y + 2 * step[0], nx = x + 2 * step[1];
      if (ny < 1 || nx < 1 || ny >= Height - 1 || nx >= Width - 1 ||
          cells[ny][nx] != Wall)
        continue;
      cells[y + step[0]][x + step[1]] = cells[ny][nx] = 0;
      queue[depth++] = (uint16_t)(ny * Width + nx);
      break;
    }
    if (tried == 4)
      --depth;
  }
}

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  dig(&seed);
  int first = 0, last = 0;
  queue[last++] = 1 * Width + 1;
  distances[1][1] = 1;
  while (first < last) {
    int y = queue[first] / Width, x = queue[first] % Width;
    ++first;
    for (int i = 0; i < 4; ++i) {
      int ny = y + steps[i][0], nx = x + steps[i][1];
      if (cells[ny][nx] == Wall || distances[ny][nx])
        continue;
      distances[ny][nx] = (uint16_t)(distances[y][x] + 1);
      queue[last++] = (uint16_t)(ny * Width + nx);
    }
  }
  for (int y = 0; y < Height; ++y)
    for (int x = 0; x < Width; ++x)
      hash = mix(hash, distances[y][x]);
  return hash;
}
