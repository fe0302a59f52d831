// Threads, locks and output for the programs of tests/programs: natively by the
// system's libc, in WebAssembly by wasi-threads and atomic instructions alone,
// as Debian's wasi-libc has no threads.
#pragma once

enum { MaxThreads = 8 };

static void sleep_while(int *word, int value);
static void wake_all(int *word);
static void wake_one(int *word);
static void start_thread(void (*function)(int), int number);
static void join_threads(void);
static void print(const char *name, long long value);

//===-- WebAssembly -------------------------------------------------------===//

#ifdef __wasm__

typedef __SIZE_TYPE__ size_t;

__attribute__((import_module("wasi"), import_name("thread-spawn"))) int
wasi_thread_spawn(void *argument);
struct iovec {
  const void *bytes;
  size_t size;
};
__attribute__((import_module("wasi_snapshot_preview1"),
               import_name("fd_write"))) int
wasi_fd_write(int fd, const struct iovec *parts, size_t count, size_t *written);
__attribute__((import_module("wasi_snapshot_preview1"),
               import_name("proc_exit"))) _Noreturn void
wasi_proc_exit(int code);

static void sleep_while(int *word, int value) {
  __builtin_wasm_memory_atomic_wait32(word, value, -1);
}
static void wake_all(int *word) {
  __builtin_wasm_memory_atomic_notify(word, ~0u);
}
static void wake_one(int *word) {
  __builtin_wasm_memory_atomic_notify(word, 1);
}

/// What a thread finds under its argument: the assembler below knows the order.
struct thread {
  void *stack;
  void *tls;
  void (*function)(int);
  int number;
  int is_done;
  _Alignas(16) char stack_bytes[16384];
  _Alignas(16) char tls_bytes[256];
};
static struct thread threads[MaxThreads];
static int num_threads;

// Sets up stack and thread-local storage, for which C has no words.
__asm__(".text\n"
        ".globaltype __stack_pointer, i32\n"
        ".functype __wasm_init_tls (i32) -> ()\n"
        ".functype thread_main (i32) -> ()\n"
        ".globl wasi_thread_start\n"
        ".type wasi_thread_start,@function\n"
        "wasi_thread_start:\n"
        ".functype wasi_thread_start (i32, i32) -> ()\n"
        "local.get 1\n"
        "i32.load 0\n"
        "global.set __stack_pointer\n"
        "local.get 1\n"
        "i32.load 4\n"
        "call __wasm_init_tls\n"
        "local.get 1\n"
        "call thread_main\n"
        "end_function\n");

__attribute__((used)) void thread_main(struct thread *thread) {
  thread->function(thread->number);
  __atomic_store_n(&thread->is_done, 1, __ATOMIC_SEQ_CST);
  wake_all(&thread->is_done);
}

static void start_thread(void (*function)(int), int number) {
  struct thread *thread = &threads[num_threads++];
  thread->stack = thread->stack_bytes + sizeof(thread->stack_bytes);
  thread->tls = thread->tls_bytes;
  thread->function = function;
  thread->number = number;
  if (wasi_thread_spawn(thread) <= 0)
    wasi_proc_exit(100);
}

static void join_threads(void) {
  for (int i = 0; i < num_threads; ++i)
    while (!__atomic_load_n(&threads[i].is_done, __ATOMIC_SEQ_CST))
      sleep_while(&threads[i].is_done, 0);
}

static void print_line(const char *text, size_t size) {
  struct iovec part = {text, size};
  wasi_fd_write(1, &part, 1, &size);
}

int main(void);
void _start(void) {
  // Thread-local storage of the main thread, likewise.
  static _Alignas(16) char tls[256];
  extern void __wasm_init_tls(void *);
  __wasm_init_tls(tls);
  wasi_proc_exit(main());
}

//===-- Native ------------------------------------------------------------===//

#else

#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void sleep_while(int *word, int value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}
static void wake_all(int *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1 << 30, NULL, NULL, 0);
}
static void wake_one(int *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

struct thread {
  pthread_t handle;
  void (*function)(int);
  int number;
};
static struct thread threads[MaxThreads];
static int num_threads;

static void *thread_main(void *argument) {
  struct thread *thread = argument;
  thread->function(thread->number);
  return NULL;
}

static void start_thread(void (*function)(int), int number) {
  struct thread *thread = &threads[num_threads++];
  thread->function = function;
  thread->number = number;
  if (pthread_create(&thread->handle, NULL, thread_main, thread))
    exit(100);
}

static void join_threads(void) {
  for (int i = 0; i < num_threads; ++i)
    pthread_join(threads[i].handle, NULL);
}

static void print_line(const char *text, size_t size) {
  if (write(1, text, size) < 0)
    exit(100);
}

#endif

//===-- Both --------------------------------------------------------------===//

/// 0 free, 1 taken, 2 taken while others may wait.
struct lock {
  int state;
};

static void lock(struct lock *lock) {
  int seen = 0;
  if (__atomic_compare_exchange_n(&lock->state, &seen, 1, 0, __ATOMIC_SEQ_CST,
                                  __ATOMIC_SEQ_CST))
    return;
  while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_SEQ_CST))
    sleep_while(&lock->state, 2);
}

static void unlock(struct lock *lock) {
  if (__atomic_exchange_n(&lock->state, 0, __ATOMIC_SEQ_CST) == 2)
    wake_one(&lock->state);
}

/// Counts signals, so that none is lost between looking and sleeping.
struct condition {
  int signals;
};

static void wait_for(struct condition *condition, struct lock *held) {
  int seen = __atomic_load_n(&condition->signals, __ATOMIC_SEQ_CST);
  unlock(held);
  sleep_while(&condition->signals, seen);
  lock(held);
}

static void signal_one(struct condition *condition) {
  __atomic_fetch_add(&condition->signals, 1, __ATOMIC_SEQ_CST);
  wake_one(&condition->signals);
}

static void print(const char *name, long long value) {
  char line[64];
  int at = sizeof(line);
  unsigned long long rest = value < 0 ? -(unsigned long long)value : value;
  line[--at] = '\n';
  do
    line[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0)
    line[--at] = '-';
  line[--at] = ' ';
  int length = 0;
  while (name[length])
    ++length;
  while (length)
    line[--at] = name[--length];
  print_line(line + at, sizeof(line) - (size_t)at);
}
