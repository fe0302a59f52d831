// Quicksort of records by a function that compares them, as qsort does it.
#include "bench.h"

typedef struct {
  uint32_t key;
  uint16_t value;
  uint8_t flags;
} Record;
typedef int (*Compare)(const Record *, const Record *);

enum { Count = 1000 };
static Record records[Count];

static int byKey(const Record *a, const Record *b) {
  return a->key < b->key ? -1 : a->key > b->key;
}
static int byValue(const Record *a, const Record *b) {
  return (int)a->value - (int)b->value;
}
static Compare volatile orders[] = {byKey, byValue};

static void swap(Record *a, Record *b) {
  Record kept = *a;
  *a = *b;
  *b = kept;
}

static void sort(Record *low, Record *high, Compare compare) {
  while (low < high) {
    swap(low, low + (high - low) / 2);
    Record *last = low;
    for (Record *at = low + 1; at <= high; ++at)
      if (compare(at, low) < 0)
        swap(++last, at);
    swap(low, last);
    if (last - low < high - last) {
      sort(low, last - 1, compare);
      low = last + 1;
    } else {
      sort(last + 1, high, compare);
      high = last - 1;
    }
  }
}

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  for (int i = 0; i < Count; ++i) {
    records[i].key = nextRandom(&seed);
    records[i].value = (uint16_t)nextRandom(&seed);
    records[i].flags = (uint8_t)i;
  }
  for (int order = 0; order < 2; ++order) {
    sort(records, records + Count - 1, orders[order]);
    for (int i = 0; i < Count; ++i)
      hash = mix(hash, records[i].key ^ records[i].value);
  }
  return hash;
}
