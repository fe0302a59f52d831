"""Compiled guest code is stopped from another thread wherever it spends its
time; the instance serves on. A request that is lost makes this hang.
WASMETAL_INTERRUPTIONS=100000 in the environment asks for so many."""
from hosts import *

MODULE = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close"
    (func $close (param i32) (result i32)))
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
  (func (export "write")
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 5000000))
    (loop
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
        (i32.const 200)))
      (br 0)))
  (func (export "random") (loop
    (drop (call $random (i32.const 1000) (i32.const 100000))) (br 0)))
  ;; A file of the first directory. What is open when the interruption comes is
  ;; closed by the next call.
  (data (i32.const 300) "file")
  (data (i32.const 400) "\\ff\\ff\\ff\\ff")
  (func (export "open") (loop
    (drop (call $close (i32.load (i32.const 400))))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 300) (i32.const 4)
      (i32.const 1) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 400)))
    (br 0)))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))"""

HOST = "#define _GNU_SOURCE\n" + PREAMBLE + r"""
#include "app.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

wm_status app_import_host_work(wm_instance *instance) {
  (void)instance;
  free(malloc(100));
  return WM_OK;
}

enum { Kinds = 12 };
static wm_instance *Instance;
static int Rounds;
static atomic_int Begun, Sent;

static void *stop(void *unused) {
  unsigned seed = 1;
  for (int round = 0; round < Rounds; ++round) {
    while (atomic_load(&Begun) <= round)
      sched_yield();
    for (unsigned wait = (unsigned)rand_r(&seed) % 3000; wait; --wait)
      __asm__ volatile("");
    if (round % 64 < Kinds)
      usleep(1000);
    wm_interrupt(Instance);
    atomic_store(&Sent, round + 1);
  }
  return unused;
}

static wm_status run(int kind) {
  double d;
  switch (kind) {
  case 0: return app_spin(Instance);
  case 1: return app_floor(Instance, 0.5, &d);
  case 2: return app_fill(Instance);
  case 3: return app_copy(Instance);
  case 4: return app_grow(Instance);
  case 5: return app_yield(Instance);
  case 6: return app_work(Instance);
  case 7: return app_sleep(Instance);
  case 8: return app_read(Instance);
  case 9: return app_write(Instance);
  case 10: return app_random(Instance);
  default: return app_open(Instance);
  }
}

int main(void) {
  const char *count = getenv("WASMETAL_INTERRUPTIONS");
  Rounds = count ? atoi(count) : 40 * Kinds;
  int standard_input[2]; // with nothing in it
  CHECK(pipe(standard_input) == 0 && dup2(standard_input[0], 0) == 0);
  wm_wasi_config wasi = {0};
  wm_wasi_preopen files = {".", "files"};
  wasi.preopens = &files;
  wasi.preopen_count = 1;
  wm_options options = {0};
  options.size = sizeof(options);
  options.wasi = &wasi;
  CHECK(wm_instance_create(&app_module, &options, &Instance, NULL) == WM_OK);
  int standard_output = dup(1);
  CHECK(dup2(open("/dev/null", O_WRONLY), 1) == 1);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, stop, NULL) == 0);
  for (int round = 0; round < Rounds; ++round) {
    atomic_store(&Begun, round + 1);
    wm_status status = run(round % Kinds);
    CHECK(status == WM_TRAPPED);
    CHECK(wm_last_error(Instance)->trap == WM_TRAP_interrupted);
    while (atomic_load(&Sent) <= round)
      sched_yield();
    int32_t sum;
    CHECK(app_add(Instance, 5, 37, &sum) == WM_OK && sum == 42);
  }
  pthread_join(thread, NULL);
  CHECK(!wm_interrupt_clear(Instance));
  wm_instance_destroy(Instance);
  dprintf(standard_output, "%d\n", Rounds);
}
"""

(SANDBOX / "file").write_text("something to open")
for options, sanitize in ((["-O2"], False), (["-O0", "--memory", "check"], True)):
    compile_module("app", MODULE, *options)
    host = c_host("host", HOST, "app.o", "-pthread",
                  *(["-fsanitize=address"] if sanitize and not TARGET else []))
    rounds = os.environ.get("WASMETAL_INTERRUPTIONS", "480")
    expect(must(host), f"{rounds}\n".encode(), " ".join(options))
