// The part of WASI preview 1 that the benchmarks' programs use, for what wasm2c
// makes of them: the clock, the standard streams, arguments, and the end.

#include "module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct Z_wasi_snapshot_preview1_instance_t {
  Z_bench_instance_t *module;
  u32 argc;
  char **argv;
};
typedef struct Z_wasi_snapshot_preview1_instance_t Wasi;

enum { Success = 0, BadDescriptor = 8, NotSeekable = 70, Fault = 21, Io = 29 };

// Where guest memory may be read or written, or nothing.
static u8 *at(Wasi *wasi, u32 address, u64 size) {
  wasm_rt_memory_t *memory = Z_benchZ_memory(wasi->module);
  return address + size <= memory->size ? memory->data + address : NULL;
}

static u32 put(Wasi *wasi, u32 address, const void *value, u32 size) {
  u8 *to = at(wasi, address, size);
  if (!to)
    return Fault;
  memcpy(to, value, size);
  return Success;
}

u32 Z_wasi_snapshot_preview1Z_clock_time_get(Wasi *wasi, u32 clock, u64 precise,
                                             u32 result) {
  (void)precise;
  struct timespec now;
  clock_gettime(clock == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  u64 time = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
  return put(wasi, result, &time, 8);
}

static u32 transfer(Wasi *wasi, u32 fd, u32 vectors, u32 count, u32 result,
                    int writes) {
  u32 total = 0;
  if (fd > 2)
    return BadDescriptor;
  for (u32 i = 0; i < count; i++) {
    u32 vector[2];
    u8 *from = at(wasi, vectors + 8 * i, 8);
    if (!from)
      return Fault;
    memcpy(vector, from, 8);
    u8 *data = at(wasi, vector[0], vector[1]);
    if (!data)
      return Fault;
    ssize_t done = writes ? write((int)fd, data, vector[1])
                          : read((int)fd, data, vector[1]);
    if (done < 0)
      return Io;
    total += (u32)done;
    if ((u32)done < vector[1])
      break;
  }
  return put(wasi, result, &total, 4);
}

u32 Z_wasi_snapshot_preview1Z_fd_write(Wasi *wasi, u32 fd, u32 vectors,
                                       u32 count, u32 result) {
  return transfer(wasi, fd, vectors, count, result, 1);
}

u32 Z_wasi_snapshot_preview1Z_fd_read(Wasi *wasi, u32 fd, u32 vectors,
                                      u32 count, u32 result) {
  return transfer(wasi, fd, vectors, count, result, 0);
}

u32 Z_wasi_snapshot_preview1Z_fd_close(Wasi *wasi, u32 fd) {
  (void)wasi;
  return fd > 2 ? BadDescriptor : Success;
}

u32 Z_wasi_snapshot_preview1Z_fd_seek(Wasi *wasi, u32 fd, u64 offset,
                                      u32 whence, u32 result) {
  (void)wasi, (void)offset, (void)whence, (void)result;
  return fd > 2 ? BadDescriptor : NotSeekable;
}

u32 Z_wasi_snapshot_preview1Z_fd_fdstat_get(Wasi *wasi, u32 fd, u32 result) {
  // A character device: stdio flushes by lines, or not; rights to all.
  u8 status[24] = {2};
  memset(status + 8, 255, 16);
  return fd > 2 ? BadDescriptor : put(wasi, result, status, sizeof status);
}

u32 Z_wasi_snapshot_preview1Z_fd_prestat_get(Wasi *wasi, u32 fd, u32 result) {
  (void)wasi, (void)fd, (void)result;
  return BadDescriptor;
}

u32 Z_wasi_snapshot_preview1Z_fd_prestat_dir_name(Wasi *wasi, u32 fd, u32 path,
                                                  u32 size) {
  (void)wasi, (void)fd, (void)path, (void)size;
  return BadDescriptor;
}

u32 Z_wasi_snapshot_preview1Z_environ_sizes_get(Wasi *wasi, u32 count,
                                                u32 size) {
  u32 none = 0;
  return put(wasi, count, &none, 4) || put(wasi, size, &none, 4) ? Fault
                                                                 : Success;
}

u32 Z_wasi_snapshot_preview1Z_environ_get(Wasi *wasi, u32 pointers,
                                          u32 strings) {
  (void)wasi, (void)pointers, (void)strings;
  return Success;
}

u32 Z_wasi_snapshot_preview1Z_args_sizes_get(Wasi *wasi, u32 count, u32 size) {
  u32 bytes = 0;
  for (u32 i = 0; i < wasi->argc; i++)
    bytes += (u32)strlen(wasi->argv[i]) + 1;
  return put(wasi, count, &wasi->argc, 4) || put(wasi, size, &bytes, 4)
             ? Fault
             : Success;
}

u32 Z_wasi_snapshot_preview1Z_args_get(Wasi *wasi, u32 pointers, u32 strings) {
  for (u32 i = 0; i < wasi->argc; i++) {
    u32 size = (u32)strlen(wasi->argv[i]) + 1;
    if (put(wasi, pointers + 4 * i, &strings, 4) ||
        put(wasi, strings, wasi->argv[i], size))
      return Fault;
    strings += size;
  }
  return Success;
}

void Z_wasi_snapshot_preview1Z_proc_exit(Wasi *wasi, u32 code) {
  (void)wasi;
  exit((int)code);
}

int main(int argc, char **argv) {
  static Z_bench_instance_t module;
  Wasi wasi = {&module, (u32)argc, argv};
  wasm_rt_init();
  Z_bench_init_module();
  Z_bench_instantiate(&module, &wasi);
  Z_benchZ__start(&module);
  return 0;
}
