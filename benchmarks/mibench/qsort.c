// qsort: strings and points, by a quicksort that is given the comparison.

#include "../bench.h"
#include "input.h"

enum { N = PICK(200, 3000, 100000, 500000, 2000000) };

typedef struct {
  int32_t x, y, z, distance;
} Point;

typedef int Compare(const void *, const void *);

static int byDistance(const void *left, const void *right) {
  const Point *a = left, *b = right;
  return (a->distance > b->distance) - (a->distance < b->distance);
}

static int byText(const void *left, const void *right) {
  return strcmp(left, right);
}

static void swap(uint8_t *a, uint8_t *b, size_t size) {
  for (size_t i = 0; i < size; i += 4) {
    uint32_t p, q;
    memcpy(&p, a + i, 4);
    memcpy(&q, b + i, 4);
    memcpy(a + i, &q, 4);
    memcpy(b + i, &p, 4);
  }
}

static void sort(uint8_t *base, int count, size_t size, Compare *compare) {
  while (count > 1) {
    uint8_t *end = base + (size_t)(count - 1) * size;
    swap(base, base + (size_t)(count / 2) * size, size);
    uint8_t *low = base, *high = end + size;
    for (;;) {
      do
        low += size;
      while (low <= end && compare(low, base) < 0);
      do
        high -= size;
      while (compare(high, base) > 0);
      if (low >= high)
        break;
      swap(low, high, size);
    }
    swap(base, high, size);
    int left = (int)((size_t)(high - base) / size), right = count - left - 1;
    // The smaller part by recursion: the stack stays small.
    if (left < right) {
      sort(base, left, size, compare);
      base = high + size;
      count = right;
    } else {
      sort(high + size, right, size, compare);
      count = left;
    }
  }
}

static Compare *volatile const comparisons[] = {byDistance, byText};

int main(void) {
  Point *points = array(N * sizeof *points);
  char (*texts)[16] = array(N * sizeof *texts);
  while (again()) {
    inputState = 99;
    for (int i = 0; i < N; i++) {
      int32_t x = (int32_t)(random32() % 8192),
              y = (int32_t)(random32() % 8192);
      points[i] = (Point){x, y, i, x * x + y * y};
      memset(texts[i], 0, 16);
      for (uint32_t k = 0, size = 3 + random32() % 12; k < size; k++)
        texts[i][k] = (char)('a' + random32() % 26);
    }
    start();
    sort((uint8_t *)points, N, sizeof *points, comparisons[0]);
    sort((uint8_t *)texts, N, sizeof *texts, comparisons[1]);
    stop();
  }
  for (int i = 1; i < N; i++)
    if (points[i - 1].distance > points[i].distance ||
        strcmp(texts[i - 1], texts[i]) > 0) {
      fputs("not sorted\n", stderr);
      return 1;
    }
  check(points, N * sizeof *points);
  check(texts, N * sizeof *texts);
  return finish();
}
