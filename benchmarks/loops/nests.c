// Loops over what is laid out regularly: strides, directions, distances, nests.

#include "loops.h"

LOOP(copy) {
  for (int i = 0; i < n; i++)
    a[i] = b[i];
  return 0;
}
LOOP(axpy) {
  for (int i = 0; i < n; i++)
    a[i] += 1.5 * b[i];
  return 0;
}
LOOP(triad_float) {
  for (int i = 0; i < n; i++)
    f[i] = g[i] + 0.5f * f[i];
  return 0;
}
LOOP(stride_2) {
  for (int i = 0; i < n; i += 2)
    a[i] = b[i] * c[i];
  return 0;
}
LOOP(stride_3_write) {
  for (int i = 0; i < n / 3; i++)
    a[3 * i] = b[i] + 1;
  return 0;
}
LOOP(stride_unknown) {
  for (int i = 0; i < n; i += step)
    a[i] = b[i] + c[i];
  return 0;
}
LOOP(stride_unknown_product) {
  for (int i = 0; i < n / step; i++)
    a[i * step] = b[i * step] * 2;
  return 0;
}
LOOP(stride_negative) {
  for (int i = n - 1; i >= 0; i--)
    a[i] = b[i] + c[i];
  return 0;
}
LOOP(stride_negative_3) {
  for (int i = n - 1; i >= 0; i -= 3)
    a[i] = b[i] - c[i];
  return 0;
}
LOOP(reverse) {
  for (int i = 0; i < n; i++)
    a[i] = b[n - 1 - i];
  return 0;
}
LOOP(reverse_in_place) {
  for (int i = 0, j = n - 1; i < j; i++, j--) {
    double kept = a[i];
    a[i] = a[j];
    a[j] = kept;
  }
  return 0;
}
LOOP(difference) {
  for (int i = 0; i + 1 < n; i++)
    a[i] = b[i + 1] - b[i];
  return 0;
}
LOOP(shift_in_place) {
  for (int i = 0; i + 1 < n; i++)
    a[i] = a[i + 1];
  return 0;
}
LOOP(recurrence) {
  for (int i = 1; i < n; i++)
    a[i] = a[i - 1] * 0.5 + b[i];
  return 0;
}
LOOP(distance_4) {
  for (int i = 4; i < n; i++)
    a[i] = a[i - 4] + b[i];
  return 0;
}
LOOP(distance_unknown) {
  for (int i = step; i < n; i++)
    a[i] = a[i - step] * 0.5 + b[i];
  return 0;
}
LOOP(two_halves) {
  int half = n / 2;
  for (int i = 0; i < half; i++)
    a[i] = b[i] + b[i + half];
  return 0;
}
LOOP(interleave) {
  for (int i = 0; i < n / 2; i++) {
    a[2 * i] = b[i];
    a[2 * i + 1] = c[i];
  }
  return 0;
}
LOOP(triangle_lower) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j <= i; j++)
      a[i * m + j] += b[i * m + j] * c[j];
  return 0;
}
LOOP(triangle_upper) {
  for (int i = 0; i < m; i++)
    for (int j = i + 1; j < m; j++)
      a[i * m + j] = b[j] - b[i];
  return 0;
}
LOOP(triangle_back) {
  for (int i = m - 1; i >= 0; i--) {
    double sum = b[i];
    for (int j = i + 1; j < m; j++)
      sum -= c[i * m + j] * a[j] * 0.001;
    a[i] = sum;
  }
  return 0;
}
LOOP(diagonal) {
  for (int i = 0; i < m; i++)
    a[i * (m + 1)] = b[i] + c[i * m];
  return 0;
}
LOOP(column_sums) {
  for (int j = 0; j < m; j++) {
    double sum = 0;
    for (int i = 0; i < m; i++)
      sum += b[i * m + j];
    a[j] = sum;
  }
  return 0;
}
LOOP(transpose) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++)
      a[j * m + i] = b[i * m + j];
  return 0;
}
LOOP(transpose_tiled) {
  for (int p = 0; p < m; p += 8)
    for (int q = 0; q < m; q += 8)
      for (int i = p; i < p + 8 && i < m; i++)
        for (int j = q; j < q + 8 && j < m; j++)
          a[j * m + i] = b[i * m + j];
  return 0;
}
LOOP(multiply_tiled) {
  // A few rows: as long as the other loops.
  int rows = m < 4 ? m : 4;
  for (int q = 0; q < m; q += 16)
    for (int i = 0; i < rows; i++)
      for (int k = q; k < q + 16 && k < m; k++)
        for (int j = 0; j < m; j++)
          a[i * m + j] += b[i * m + k] * c[k * m + j];
  return 0;
}
LOOP(stencil_5) {
  for (int i = 1; i < m - 1; i++)
    for (int j = 1; j < m - 1; j++)
      a[i * m + j] = 0.2 * (b[i * m + j] + b[i * m + j - 1] + b[i * m + j + 1] +
                            b[(i - 1) * m + j] + b[(i + 1) * m + j]);
  return 0;
}
LOOP(stencil_in_place) {
  for (int i = 1; i < m - 1; i++)
    for (int j = 1; j < m - 1; j++)
      a[i * m + j] = 0.25 * (a[(i - 1) * m + j] + a[i * m + j - 1] +
                             a[i * m + j + 1] + a[(i + 1) * m + j]);
  return 0;
}
LOOP(wavefront) {
  for (int i = 1; i < m; i++)
    for (int j = 1; j < m; j++)
      x[i * m + j] =
          (x[(i - 1) * m + j] > x[i * m + j - 1] ? x[(i - 1) * m + j]
                                                 : x[i * m + j - 1]) -
          y[i * m + j];
  return 0;
}
LOOP(convolve) {
  for (int i = 0; i + 8 <= n; i++) {
    float sum = 0;
    for (int k = 0; k < 8; k++)
      sum += g[i + k] * f[k];
    a[i] = sum;
  }
  return 0;
}
LOOP(short_trips) {
  for (int i = 0; i + 3 <= n; i += 3) {
    double sum = 0;
    for (int k = 0; k < step; k++)
      sum += b[i + k];
    a[i] = sum;
  }
  return 0;
}
LOOP(variable_trips) {
  for (int i = 0; i + 8 < n; i += 4)
    for (int k = 0; k < (x[i] & 7); k++)
      a[i + k] += b[k];
  return 0;
}
LOOP(unsigned_down) {
  for (unsigned i = (unsigned)n; i-- > 0;)
    a[i] = b[i] * b[i];
  return 0;
}
LOOP(pointer_walk) {
  for (double *p = a, *q = b; p != a + n; p++, q++)
    *p += *q;
  return 0;
}
LOOP(pointer_walk_down) {
  for (double *p = a + n, *q = b + n; p != a;)
    *--p = -*--q;
  return 0;
}
LOOP(long_index) {
  for (long long i = 0; i < n; i++)
    a[i] = b[i] + c[i];
  return 0;
}
LOOP(conditional_store) {
  for (int i = 0; i < n; i++)
    if (y[i] > 0)
      a[i] = b[i];
  return 0;
}
LOOP(loop_of_calls) {
  for (int i = 0; i + 16 <= n; i += 16)
    memmove(a + i, b + i, 16 * sizeof *a);
  return 0;
}

static const Entry entries[] = {
    ENTRY(copy),
    ENTRY(axpy),
    ENTRY(triad_float),
    ENTRY(stride_2),
    ENTRY(stride_3_write),
    ENTRY(stride_unknown),
    ENTRY(stride_unknown_product),
    ENTRY(stride_negative),
    ENTRY(stride_negative_3),
    ENTRY(reverse),
    ENTRY(reverse_in_place),
    ENTRY(difference),
    ENTRY(shift_in_place),
    ENTRY(recurrence),
    ENTRY(distance_4),
    ENTRY(distance_unknown),
    ENTRY(two_halves),
    ENTRY(interleave),
    ENTRY(triangle_lower),
    ENTRY(triangle_upper),
    ENTRY(triangle_back),
    ENTRY(diagonal),
    ENTRY(column_sums),
    ENTRY(transpose),
    ENTRY(transpose_tiled),
    ENTRY(multiply_tiled),
    ENTRY(stencil_5),
    ENTRY(stencil_in_place),
    ENTRY(wavefront),
    ENTRY(convolve),
    ENTRY(short_trips),
    ENTRY(variable_trips),
    ENTRY(unsigned_down),
    ENTRY(pointer_walk),
    ENTRY(pointer_walk_down),
    ENTRY(long_index),
    ENTRY(conditional_store),
    ENTRY(loop_of_calls),
};

RUN_LOOPS(entries)
