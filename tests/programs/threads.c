// Four threads on atomics: a queue under a lock with conditions, counters
// without one, a barrier, and a stack that is built without locks.
// wasm: -nostdlib -matomics -mbulk-memory -Wl,--shared-memory,--import-memory,--export-memory,--max-memory=4194304,--export=wasi_thread_start
#include "../support/threads.h"

enum { Threads = 4, Items = 4000, Rounds = 50 };

// A bounded queue.
static struct lock queue_lock;
static struct condition not_empty, not_full;
static int queue[8], queue_begin, queue_size;

static void put(int value) {
  lock(&queue_lock);
  while (queue_size == 8)
    wait_for(&not_full, &queue_lock);
  queue[(queue_begin + queue_size++) % 8] = value;
  signal_one(&not_empty);
  unlock(&queue_lock);
}

static int take(void) {
  lock(&queue_lock);
  while (queue_size == 0)
    wait_for(&not_empty, &queue_lock);
  int value = queue[queue_begin];
  queue_begin = (queue_begin + 1) % 8;
  --queue_size;
  signal_one(&not_full);
  unlock(&queue_lock);
  return value;
}

// Of each width, and in each way to change it.
static unsigned char bytes;
static unsigned short halves;
static unsigned words;
static unsigned long long longs, largest, bits;

static void count(unsigned long long value) {
  __atomic_fetch_add(&bytes, 1, __ATOMIC_SEQ_CST);
  __atomic_fetch_sub(&halves, 3, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&words, (unsigned)value, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&longs, value << 20, __ATOMIC_SEQ_CST);
  __atomic_fetch_xor(&bits, 1ull << (value % 64), __ATOMIC_SEQ_CST);
  unsigned long long seen = __atomic_load_n(&largest, __ATOMIC_SEQ_CST);
  while (seen < value &&
         !__atomic_compare_exchange_n(&largest, &seen, value, 0,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    ;
}

// Nodes are never given back, so that no address comes twice.
struct node {
  struct node *next;
  int value;
};
static struct node nodes[Threads * Items];
static struct node *top;

static void push(struct node *node) {
  node->next = __atomic_load_n(&top, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(&top, &node->next, node, 0,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    ;
}

// All have to arrive before one goes on.
static int arrived, generation;
static int barrier_failures;
static int progress[Threads];

static void barrier(void) {
  int now = __atomic_load_n(&generation, __ATOMIC_SEQ_CST);
  if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == Threads) {
    arrived = 0;
    __atomic_store_n(&generation, now + 1, __ATOMIC_SEQ_CST);
    wake_all(&generation);
    return;
  }
  while (__atomic_load_n(&generation, __ATOMIC_SEQ_CST) == now)
    sleep_while(&generation, now);
}

static _Thread_local int own = 7;
static long long sums[Threads];

static void work(int number) {
  own += number;
  for (int i = 0; i < Items; ++i) {
    int value = take();
    sums[number] += value;
    count((unsigned long long)value);
    struct node *node = &nodes[number * Items + i];
    node->value = value;
    push(node);
  }
  for (int round = 1; round <= Rounds; ++round) {
    progress[number] = round;
    barrier();
    for (int i = 0; i < Threads; ++i)
      if (progress[i] != round)
        __atomic_fetch_add(&barrier_failures, 1, __ATOMIC_SEQ_CST);
    barrier();
  }
  if (own != 7 + number)
    __atomic_fetch_add(&barrier_failures, 1, __ATOMIC_SEQ_CST);
}

int main(void) {
  for (int i = 0; i < Threads; ++i)
    start_thread(work, i);
  for (int i = 0; i < Threads * Items; ++i)
    put(i);
  join_threads();
  long long sum = 0, stacked = 0, length = 0;
  for (int i = 0; i < Threads; ++i)
    sum += sums[i];
  for (struct node *node = top; node; node = node->next, ++length)
    stacked += node->value;
  print("taken", sum);
  print("stacked", stacked);
  print("nodes", length);
  print("bytes", bytes);
  print("halves", halves);
  print("words", words);
  print("longs", (long long)longs);
  print("bits", (long long)bits);
  print("largest", (long long)largest);
  print("failures", barrier_failures);
  print("own", own);
  return 3;
}
