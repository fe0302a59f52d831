// Loops that end in one value, or as soon as they have found it.

#include "loops.h"

LOOP(sum) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += a[i];
  return sum;
}
LOOP(sum_int) {
  unsigned sum = 0;
  for (int i = 0; i < n; i++)
    sum += (unsigned)x[i];
  return sum;
}
LOOP(sum_wide) {
  long long sum = 0;
  for (int i = 0; i < n; i++)
    sum += x[i];
  return (double)sum;
}
LOOP(dot) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}
LOOP(dot_four_sums) {
  float p = 0, q = 0, r = 0, w = 0;
  for (int i = 0; i + 4 <= n; i += 4) {
    p += f[i] * g[i];
    q += f[i + 1] * g[i + 1];
    r += f[i + 2] * g[i + 2];
    w += f[i + 3] * g[i + 3];
  }
  return p + q + r + w;
}
LOOP(maximum) {
  int best = x[0];
  for (int i = 1; i < n; i++)
    best = x[i] > best ? x[i] : best;
  return best;
}
LOOP(maximum_index) {
  int best = 0;
  for (int i = 1; i < n; i++)
    if (x[i] > x[best])
      best = i;
  return best;
}
LOOP(count_if) {
  int count = 0;
  for (int i = 0; i < n; i++)
    count += y[i] > 3;
  return count;
}
LOOP(sum_if) {
  unsigned sum = 0;
  for (int i = 0; i < n; i++)
    if (y[i] > 0)
      sum += (unsigned)x[i];
  return sum;
}
LOOP(fold_xor) {
  int fold = 0;
  for (int i = 0; i < n; i++)
    fold ^= x[i] + y[i];
  return fold;
}
LOOP(horner) {
  double value = 0;
  for (int i = n - 1; i >= 0; i--)
    value = value * 0.75 + a[i];
  return value;
}
LOOP(prefix_sum) {
  for (int i = 1; i < n; i++)
    a[i] += a[i - 1];
  return 0;
}
LOOP(prefix_sum_int) {
  unsigned sum = 0;
  for (int i = 0; i < n; i++) {
    sum += (unsigned)y[i];
    x[i] = (int)sum;
  }
  return 0;
}
LOOP(prefix_maximum) {
  int best = x[0];
  for (int i = 0; i < n; i++) {
    best = x[i] > best ? x[i] : best;
    x[i] = best;
  }
  return 0;
}
LOOP(suffix_sum) {
  for (int i = n - 2; i >= 0; i--)
    a[i] += a[i + 1];
  return 0;
}
LOOP(moving_mean) {
  double sum = 0;
  for (int i = 0; i < n; i++) {
    sum += b[i];
    if (i >= 8)
      sum -= b[i - 8];
    a[i] = sum / 8;
  }
  return 0;
}
LOOP(two_sums) {
  double sum = 0, squares = 0;
  for (int i = 0; i < n; i++) {
    sum += a[i];
    squares += a[i] * a[i];
  }
  return squares - sum * sum / n;
}
LOOP(row_norms) {
  double worst = 0;
  for (int i = 0; i < m; i++) {
    double norm = 0;
    for (int j = 0; j < m; j++)
      norm += a[i * m + j] < 0 ? -a[i * m + j] : a[i * m + j];
    worst = norm > worst ? norm : worst;
  }
  return worst;
}
LOOP(find_first) {
  for (int i = 0; i < n; i++)
    if (y[i] == 99)
      return i;
  return -1;
}
LOOP(find_last) {
  for (int i = n - 1; i >= 0; i--)
    if (y[i] == 99)
      return i;
  return -1;
}
LOOP(find_many) {
  int found = 0;
  for (int from = 0; from < n; from += 40)
    for (int i = from; i < n; i++)
      if (y[i] == 20) {
        found += i - from;
        break;
      }
  return found;
}
LOOP(two_exits) {
  for (int i = 0; i < n; i++) {
    if (x[i] == -1)
      return i;
    if (y[i] > 50)
      return -i;
  }
  return n;
}
LOOP(exit_after_store) {
  int i = 0;
  for (; i < n; i++) {
    a[i] = b[i] + 1;
    if (c[i] > 2)
      break;
  }
  return i;
}
LOOP(exit_by_sum) {
  double sum = 0;
  int i = 0;
  while (i < n && sum < 1e9)
    sum += c[i++];
  return sum + i;
}
LOOP(first_difference) {
  int i = 0;
  while (i < n && s[i] == t[i])
    i++;
  return i;
}
LOOP(binary_search) {
  for (int i = 0; i < n; i++)
    x[i] = 3 * i;
  unsigned sum = 0;
  for (int i = 0; i < n; i += 8) {
    int low = 0, high = n;
    while (low < high) {
      int middle = low + (high - low) / 2;
      if (x[middle] < 2 * i)
        low = middle + 1;
      else
        high = middle;
    }
    sum += (unsigned)low;
  }
  return sum;
}
LOOP(insertion_sort) {
  int count = n < 200 ? n : 200;
  for (int i = 1; i < count; i++) {
    int value = x[i], j = i - 1;
    for (; j >= 0 && x[j] > value; j--)
      x[j + 1] = x[j];
    x[j + 1] = value;
  }
  return 0;
}
LOOP(partition) {
  int pivot = x[n / 2], i = -1, j = n;
  for (;;) {
    while (x[++i] < pivot)
      ;
    while (x[--j] > pivot)
      ;
    if (i >= j)
      return j;
    int kept = x[i];
    x[i] = x[j];
    x[j] = kept;
  }
}
LOOP(merge) {
  int half = n / 2;
  for (int i = 0; i < n; i++)
    y[i] = i < half ? 2 * i : 2 * (i - half) + 1;
  int i = 0, j = half, k = 0;
  while (i < half && j < n)
    x[k++] = y[i] <= y[j] ? y[i++] : y[j++];
  while (i < half)
    x[k++] = y[i++];
  while (j < n)
    x[k++] = y[j++];
  return k;
}
LOOP(compact) {
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (y[i] > 0)
      x[kept++] = y[i];
  return kept;
}

static const Entry entries[] = {
    ENTRY(sum),
    ENTRY(sum_int),
    ENTRY(sum_wide),
    ENTRY(dot),
    ENTRY(dot_four_sums),
    ENTRY(maximum),
    ENTRY(maximum_index),
    ENTRY(count_if),
    ENTRY(sum_if),
    ENTRY(fold_xor),
    ENTRY(horner),
    ENTRY(prefix_sum),
    ENTRY(prefix_sum_int),
    ENTRY(prefix_maximum),
    ENTRY(suffix_sum),
    ENTRY(moving_mean),
    ENTRY(two_sums),
    ENTRY(row_norms),
    ENTRY(find_first),
    ENTRY(find_last),
    ENTRY(find_many),
    ENTRY(two_exits),
    ENTRY(exit_after_store),
    ENTRY(exit_by_sum),
    ENTRY(first_difference),
    ENTRY(binary_search),
    ENTRY(insertion_sort),
    ENTRY(partition),
    ENTRY(merge),
    ENTRY(compact),
};

RUN_LOOPS(entries)
