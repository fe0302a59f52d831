"""Compiled guest code is stopped from another thread wherever it spends its
time; the instance serves on. A request that is lost makes this hang."""
from hosts import *

MODULE = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "host" "work" (func $work))
  (memory (export "memory") 80)
  (table $t 100000 funcref)
  (func (export "spin") (loop (br 0)))
  (func (export "floor") (param f64) (result f64) (loop
    (local.set 0 (f64.nearest (f64.floor (f64.add (local.get 0)
      (f64.const 0.7)))))
    (br 0)) (unreachable))
  (func (export "fill") (loop
    (memory.fill (i32.const 1000) (i32.const 1) (i32.const 5000000)) (br 0)))
  (func (export "copy") (loop
    (table.fill $t (i32.const 0) (ref.null func) (i32.const 100000)) (br 0)))
  (func (export "grow") (loop
    (drop (memory.grow (i32.const 0))) (br 0)))
  (func (export "yield") (loop (drop (call $yield)) (br 0)))
  (func (export "work") (loop (call $work) (br 0)))
  ;; A subscription to the clock: in an hour.
  (func (export "sleep")
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (i32.store (i32.const 16) (i32.const 1))
    (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1)
      (i32.const 200))))
  (func (export "read")
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 10))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 200))))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))"""

HOST = "#define _GNU_SOURCE\n" + PREAMBLE + r"""
#include "app.h"

#include <pthread.h>
#include <unistd.h>

wm_status app_import_host_work(wm_instance *instance) {
  (void)instance;
  free(malloc(100));
  return WM_OK;
}

static void *stop(void *instance) {
  static unsigned round;
  usleep(++round % 3 * 500);
  wm_interrupt(instance);
  return NULL;
}

int main(void) {
  int standard_input[2]; // with nothing in it
  CHECK(pipe(standard_input) == 0 && dup2(standard_input[0], 0) == 0);
  wm_wasi_config wasi = {0};
  wm_options options = {0};
  options.size = sizeof(options);
  options.wasi = &wasi;
  wm_instance *instance;
  CHECK(wm_instance_create(&app_module, &options, &instance, NULL) == WM_OK);
  double d;
  for (int round = 0; round < 20 * 9; ++round) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, stop, instance) == 0);
    wm_status status = WM_OK;
    switch (round % 9) {
    case 0: status = app_spin(instance); break;
    case 1: status = app_floor(instance, 0.5, &d); break;
    case 2: status = app_fill(instance); break;
    case 3: status = app_copy(instance); break;
    case 4: status = app_grow(instance); break;
    case 5: status = app_yield(instance); break;
    case 6: status = app_work(instance); break;
    case 7: status = app_sleep(instance); break;
    case 8: status = app_read(instance); break;
    }
    CHECK(status == WM_TRAPPED);
    CHECK(wm_last_error(instance)->trap == WM_TRAP_interrupted);
    pthread_join(thread, NULL);
    int32_t sum;
    CHECK(app_add(instance, 5, 37, &sum) == WM_OK && sum == 42);
  }
  CHECK(!wm_interrupt_clear(instance));
  wm_instance_destroy(instance);
  puts("good");
}
"""

for options in (["-O2"], ["-O0", "--memory", "check"]):
    compile_module("app", MODULE, *options)
    host = c_host("host", HOST, "app.o", "-pthread")
    expect(must(host), b"good\n", " ".join(options))
