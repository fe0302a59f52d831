"""Four threads, each with an instance of its own, use one shared memory: they
count, exclude each other, grow it while others read its end, and are stopped
while they wait."""
from hosts import *

MODULE = """(module
  (import "env" "memory" (memory 1 32 shared))
  ;; The first counter needs no lock; the second has one: 0 free, 1 taken.
  (func (export "count") (param $times i32)
    (loop $next
      (drop (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))
      (call $lock)
      (i64.store (i32.const 8)
        (i64.add (i64.load (i32.const 8)) (i64.const 1)))
      (call $unlock)
      (br_if $next (local.tee $times
        (i32.sub (local.get $times) (i32.const 1))))))
  (func $lock
    (block $taken
      (loop $try
        (br_if $taken (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 16)
          (i32.const 0) (i32.const 1))))
        (drop (memory.atomic.wait32 (i32.const 16) (i32.const 1)
          (i64.const -1)))
        (br $try))))
  (func $unlock
    (i32.atomic.store (i32.const 16) (i32.const 0))
    (drop (memory.atomic.notify (i32.const 16) (i32.const 1))))
  ;; Grows page by page to the end, and marks the last word of each.
  (func (export "grow") (result i32) (local $page i32) (local $count i32)
    (loop $next
      (local.set $page (memory.grow (i32.const 1)))
      (if (i32.ne (local.get $page) (i32.const -1))
        (then
          (i32.store offset=65532 (i32.shl (local.get $page) (i32.const 16))
            (i32.const 1))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (br $next))))
    (local.get $count))
  ;; The last word of what is there, until all is.
  (func (export "read") (result i32) (local $size i32) (local $sum i32)
    (loop $next
      (local.set $size (memory.size))
      (local.set $sum (i32.add (local.get $sum) (i32.load
        (i32.sub (i32.shl (local.get $size) (i32.const 16)) (i32.const 4)))))
      (br_if $next (i32.ne (local.get $size) (i32.const 32))))
    (local.get $sum))
  (func (export "sleep") (param $address i32) (result i32)
    (drop (i32.atomic.rmw.add (i32.const 24) (i32.const 1)))
    (memory.atomic.wait32 (local.get $address) (i32.const 0) (i64.const -1)))
  (func (export "sleepers") (result i32) (i32.atomic.load (i32.const 24))))"""

HOST = PREAMBLE + r"""
#include "app.h"

#include <pthread.h>

enum { Threads = 4, Times = 20000 };

static wm_import memory = {"env", "memory", NULL, NULL, {0}};
static int32_t grown[Threads];
static wm_status stopped[Threads];
static wm_instance *instances[Threads];

static wm_instance *create(void) {
  wm_options options = {0};
  options.size = sizeof(options);
  options.imports = &memory;
  options.num_imports = 1;
  wm_instance *instance;
  wm_error error;
  if (wm_instance_create(&app_module, &options, &instance, &error) != WM_OK) {
    fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  return instance;
}

static void *work(void *argument) {
  int number = (int)(size_t)argument;
  wm_instance *instance = create();
  instances[number] = instance;
  CHECK(app_count(instance, Times) == WM_OK);
  int32_t sum;
  if (number % 2)
    CHECK(app_grow(instance, &grown[number]) == WM_OK);
  else
    CHECK(app_read(instance, &sum) == WM_OK);
  int32_t result;
  stopped[number] = app_sleep(instance, 32 + 4 * (number % 2), &result);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_interrupted);
  return NULL;
}

int main(void) {
  wm_extern_type type;
  wm_error error;
  CHECK(wm_module_import(&app_module, 0, &type));
  CHECK(type.is_shared && type.maximum == 32);
  CHECK(wm_memory_create(NULL, &app_module, &type, &memory.value, &error) ==
        WM_OK);
  wm_instance *own = create();
  pthread_t threads[Threads];
  for (size_t i = 0; i < Threads; ++i)
    CHECK(!pthread_create(&threads[i], NULL, work, (void *)i));
  int32_t sleepers = 0;
  while (sleepers != Threads)
    CHECK(app_sleepers(own, &sleepers) == WM_OK);
  for (int i = 0; i < Threads; ++i)
    wm_interrupt(instances[i]);
  int pages = 1;
  for (int i = 0; i < Threads; ++i) {
    CHECK(!pthread_join(threads[i], NULL));
    CHECK(stopped[i] == WM_TRAPPED);
    wm_instance_destroy(instances[i]);
    pages += grown[i];
  }
  int64_t counts[2];
  CHECK(wm_memory_read(memory.value.memory, 0, counts, sizeof(counts)) ==
        WM_OK);
  printf("%d %d %d %d\n", (int)counts[0], (int)counts[1], pages,
         (int)(wm_memory_size(memory.value.memory) >> 16));
  // The last user lets go of it.
  wm_memory_release(memory.value.memory);
  CHECK(app_sleepers(own, &sleepers) == WM_OK);
  wm_instance_destroy(own);
  return 0;
}
"""

for options in ("-O0", "-O2", "-O0 --memory check", "-O2 --memory check",
                "-O2 --memory mask", "-O2 --memory none"):
    app = compile_module("app", MODULE, *options.split())
    found = must(c_host("host", HOST, app, "-pthread"), timeout=120)
    expect(found, b"80000 80000 32 32\n", options)
