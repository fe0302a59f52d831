// Loops whose addresses come from memory, and loops over structures.

#include "loops.h"

LOOP(gather) {
  for (int i = 0; i < n; i++)
    a[i] = b[index[i]];
  return 0;
}
LOOP(scatter) {
  for (int i = 0; i < n; i++)
    a[index[i]] = b[i];
  return 0;
}
LOOP(gather_sum) {
  unsigned sum = 0;
  for (int i = 0; i < n; i++)
    sum += (unsigned)y[index[i]];
  return sum;
}
LOOP(gather_twice) {
  for (int i = 0; i < n; i++)
    x[i] = y[index[index[i]]];
  return 0;
}
LOOP(histogram) {
  memset(x, 0, 64 * sizeof *x);
  for (int i = 0; i < n; i++)
    x[index[i] & 63]++;
  return 0;
}
LOOP(follow_links) {
  int at = 0;
  for (int i = 0; i < n; i++)
    at = index[at];
  return at;
}
LOOP(lookup_bytes) {
  for (int i = 0; i < n; i++)
    s[i] = s[t[i]];
  return 0;
}
LOOP(ring_buffer) {
  unsigned at = 0;
  for (int i = 0; i < n; i++) {
    a[at & 255] = a[at & 255] * 0.5 + b[i];
    at += 7;
  }
  return at;
}
LOOP(sparse_product) {
  // Four columns in each row.
  for (int i = 0; i < n / 4; i++) {
    double sum = 0;
    for (int k = 4 * i; k < 4 * i + 4; k++)
      sum += c[k] * b[index[k]];
    a[i] = sum;
  }
  return 0;
}
LOOP(bit_set) {
  memset(x, 0, (size_t)(n / 32 + 1) * sizeof *x);
  for (int i = 0; i < n; i++)
    if (y[i] > 0)
      x[index[i] >> 5] |= (int)(1u << (index[i] & 31));
  return 0;
}
LOOP(structures_update) {
  for (int i = 0; i < n / 4; i++) {
    points[i].x += points[i].y * 0.5;
    points[i].y += points[i].z * 0.5;
    points[i].z *= 0.75;
  }
  return 0;
}
LOOP(structures_field) {
  double sum = 0;
  for (int i = 0; i < n / 4; i++)
    sum += points[i].y;
  return sum;
}
LOOP(structures_if) {
  for (int i = 0; i < n / 4; i++)
    if (points[i].kind == 1)
      points[i].z = 0;
  return 0;
}
LOOP(structures_to_arrays) {
  for (int i = 0; i < n / 4; i++) {
    a[i] = points[i].x;
    b[i] = points[i].y;
    c[i] = points[i].z;
  }
  return 0;
}
LOOP(arrays_to_structures) {
  for (int i = 0; i < n / 4; i++) {
    points[i].x = a[i];
    points[i].y = b[i];
    points[i].z = c[i];
  }
  return 0;
}
LOOP(arrays_update) {
  for (int i = 0; i < n / 4; i++) {
    a[i] += b[i] * 0.5;
    b[i] += c[i] * 0.5;
    c[i] *= 0.75;
  }
  return 0;
}
LOOP(structures_swap) {
  for (int i = 0, j = n / 4 - 1; i < j; i++, j--) {
    Point kept = points[i];
    points[i] = points[j];
    points[j] = kept;
  }
  return 0;
}
LOOP(structures_gather) {
  double sum = 0;
  for (int i = 0; i < n / 4; i++) {
    const Point *p = &points[index[i] & 127];
    sum += p->x * p->y + p->z;
  }
  return sum;
}
LOOP(complex_product) {
  for (int i = 0; i < n / 2; i++) {
    double re = a[2 * i] * b[2 * i] - a[2 * i + 1] * b[2 * i + 1];
    double im = a[2 * i] * b[2 * i + 1] + a[2 * i + 1] * b[2 * i];
    a[2 * i] = re;
    a[2 * i + 1] = im;
  }
  return 0;
}
LOOP(row_pointers) {
  double *rows[64];
  int count = m < 64 ? m : 64;
  for (int i = 0; i < count; i++)
    rows[i] = a + i * m;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < m; j++)
      rows[i][j] += b[j];
  return 0;
}

static const Entry entries[] = {
    ENTRY(gather),
    ENTRY(scatter),
    ENTRY(gather_sum),
    ENTRY(gather_twice),
    ENTRY(histogram),
    ENTRY(follow_links),
    ENTRY(lookup_bytes),
    ENTRY(ring_buffer),
    ENTRY(sparse_product),
    ENTRY(bit_set),
    ENTRY(structures_update),
    ENTRY(structures_field),
    ENTRY(structures_if),
    ENTRY(structures_to_arrays),
    ENTRY(arrays_to_structures),
    ENTRY(arrays_update),
    ENTRY(structures_swap),
    ENTRY(structures_gather),
    ENTRY(complex_product),
    ENTRY(row_pointers),
};

RUN_LOOPS(entries)
