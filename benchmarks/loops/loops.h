// What the files of loops share. A loop gets all arrays and takes what it
// needs; it is called through a table, so that neither counts nor strides nor
// which arrays it works on are known to the compiler.

#pragma once

#define BENCH_TOTAL 0.005
#define BENCH_ELAPSED 0.025
#include "../bench.h"

typedef struct {
  double x, y, z;
  int kind, tag; // No padding: all of it is compared.
} Point;

typedef struct {
  int n;    // Elements of each array but the structures'.
  int m;    // m * m <= n: the side of a matrix.
  int step; // 3.
  double *a, *b, *c;
  float *f, *g;
  int *x, *y, *index;
  uint8_t *s, *t;
  int16_t *u, *v;
  Point *points; // n / 4 of them.
} Data;

typedef double Loop(int n, int m, int step, double *a, double *b, double *c,
                    float *f, float *g, int *x, int *y, int *index, uint8_t *s,
                    uint8_t *t, int16_t *u, int16_t *v, Point *points);

#define LOOP(name)                                                             \
  static double name(                                                          \
      __attribute__((unused)) int n, __attribute__((unused)) int m,            \
      __attribute__((unused)) int step, __attribute__((unused)) double *a,     \
      __attribute__((unused)) double *b, __attribute__((unused)) double *c,    \
      __attribute__((unused)) float *f, __attribute__((unused)) float *g,      \
      __attribute__((unused)) int *x, __attribute__((unused)) int *y,          \
      __attribute__((unused)) int *index, __attribute__((unused)) uint8_t *s,  \
      __attribute__((unused)) uint8_t *t, __attribute__((unused)) int16_t *u,  \
      __attribute__((unused)) int16_t *v,                                      \
      __attribute__((unused)) Point *points)

typedef struct {
  const char *name;
  Loop *loop;
} Entry;

#define ENTRY(name) {#name, name}

static void fill(const Data *d) {
  int n = d->n;
  for (int i = 0; i < n; i++) {
    d->a[i] = (double)(i % 97) / 97;
    d->b[i] = (double)(i % 89) / 89 - 0.25;
    d->c[i] = (double)(i % 83) / 83 + 0.5;
    d->f[i] = (float)(i % 61) / 61;
    d->g[i] = (float)(i % 59) / 59 - 0.5f;
    d->x[i] = (int)((unsigned)i * 2654435761u >> 8);
    d->y[i] = i % 71 - 35;
    d->index[i] = (int)((7919ll * i + 13) % n);
    d->s[i] = d->t[i] = (uint8_t)("lorem ipsum dolor, sit amet"[i % 27]);
    d->u[i] = (int16_t)(i * 37);
    d->v[i] = (int16_t)(i * 91 - 5000);
  }
  d->s[n - 1] = 0;
  d->t[n - 1] = 1;
  for (int i = 0; i < n / 4; i++)
    d->points[i] = (Point){i % 7, i % 11, i % 13, i % 3, i};
}

static int runLoops(const Entry *entries, size_t count) {
  static volatile int n = PICK(1000, 4000, 20000, 100000, 1000000);
  static volatile int step = 3;
  size_t size = (size_t)n;
  Data d = {.n = n, .m = 1, .step = step};
  while ((d.m + 1) * (d.m + 1) <= d.n)
    d.m++;
  d.a = array(size * sizeof *d.a);
  d.b = array(size * sizeof *d.b);
  d.c = array(size * sizeof *d.c);
  d.f = array(size * sizeof *d.f);
  d.g = array(size * sizeof *d.g);
  d.x = array(size * sizeof *d.x);
  d.y = array(size * sizeof *d.y);
  d.index = array(size * sizeof *d.index);
  d.s = array(size);
  d.t = array(size);
  d.u = array(size * sizeof *d.u);
  d.v = array(size * sizeof *d.v);
  d.points = array(size / 4 * sizeof *d.points);
  for (size_t i = 0; i < count; i++) {
    double result = 0;
    Loop *volatile loop = entries[i].loop;
    restart();
    while (again()) {
      fill(&d);
      TIMED(result = loop(d.n, d.m, d.step, d.a, d.b, d.c, d.f, d.g, d.x, d.y,
                          d.index, d.s, d.t, d.u, d.v, d.points));
    }
    check(&result, sizeof result);
    check(d.a, size * sizeof *d.a);
    check(d.f, size * sizeof *d.f);
    check(d.x, size * sizeof *d.x);
    check(d.s, size);
    check(d.u, size * sizeof *d.u);
    check(d.points, size / 4 * sizeof *d.points);
    printf("row %s\n", entries[i].name);
    finish();
  }
  return 0;
}

#define RUN_LOOPS(entries)                                                     \
  int main(void) {                                                             \
    return runLoops(entries, sizeof(entries) / sizeof *(entries));             \
  }
