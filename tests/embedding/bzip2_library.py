"""A library that none of us wrote in a sandbox: libbz2 from Debian's sources,
called through its header, beside the same library built natively. Both pack to
the same bytes, and each unpacks what the other packed; a buffer outside of the
sandbox is a trap that the library survives."""
from hosts import *

HOST = PREAMBLE + r"""
#include "bz.h"
#include <bzlib.h>

static wm_memory *memory;

static uint32_t place(wm_instance *instance, const void *bytes, uint32_t size) {
  int32_t address;
  CHECK(bz_malloc(instance, (int32_t)size, &address) == WM_OK && address);
  if (bytes)
    CHECK(wm_memory_write(memory, (uint32_t)address, bytes, size) == WM_OK);
  return (uint32_t)address;
}

/// Takes a result of the library out of the sandbox.
static uint32_t take(wm_instance *instance, uint32_t from, uint32_t size_at,
                     void *to, uint32_t capacity) {
  uint32_t size;
  CHECK(wm_memory_read(memory, size_at, &size, sizeof size) == WM_OK);
  CHECK(size <= capacity);
  CHECK(wm_memory_read(memory, from, to, size) == WM_OK);
  CHECK(bz_free(instance, (int32_t)from) == WM_OK);
  CHECK(bz_free(instance, (int32_t)size_at) == WM_OK);
  return size;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  FILE *file = fopen(argv[1], "rb");
  CHECK(file);
  static char text[4 << 20], packed[4 << 20], native[4 << 20], back[4 << 20];
  uint32_t size = (uint32_t)fread(text, 1, sizeof text, file);
  fclose(file);

  wm_instance *instance;
  wm_error error;
  CHECK(wm_instance_create(&bz_module, NULL, &instance, &error) == WM_OK);
  memory = wm_instance_memory(instance, 0);

  uint32_t capacity = size + size / 100 + 600;
  int32_t result;
  uint32_t source = place(instance, text, size);
  uint32_t target = place(instance, NULL, capacity);
  uint32_t size_at = place(instance, &capacity, sizeof capacity);
  CHECK(bz_BZ2_bzBuffToBuffCompress(instance, (int32_t)target, (int32_t)size_at,
                                    (int32_t)source, (int32_t)size, 9, 0, 30,
                                    &result) == WM_OK);
  CHECK(result == BZ_OK);
  uint32_t packed_size = take(instance, target, size_at, packed, sizeof packed);

  unsigned native_size = sizeof native;
  CHECK(BZ2_bzBuffToBuffCompress(native, &native_size, text, size, 9, 0, 30) ==
        BZ_OK);
  CHECK(packed_size == native_size);
  CHECK(memcmp(packed, native, native_size) == 0);

  capacity = size;
  source = place(instance, native, native_size);
  target = place(instance, NULL, capacity);
  size_at = place(instance, &capacity, sizeof capacity);
  CHECK(bz_BZ2_bzBuffToBuffDecompress(instance, (int32_t)target,
                                      (int32_t)size_at, (int32_t)source,
                                      (int32_t)native_size, 0, 0, &result) ==
        WM_OK);
  CHECK(result == BZ_OK);
  CHECK(take(instance, target, size_at, back, sizeof back) == size);
  CHECK(memcmp(back, text, size) == 0);

  size_at = place(instance, &capacity, sizeof capacity);
  CHECK(bz_BZ2_bzBuffToBuffDecompress(instance, -8, (int32_t)size_at,
                                      (int32_t)source, (int32_t)native_size, 0,
                                      0, &result) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_memory_bounds);
  CHECK(bz_malloc(instance, 100, &result) == WM_OK && result);
  wm_instance_destroy(instance);
  printf("%u bytes to %u\n", size, packed_size);
}
"""

folder = input_file("bzip2")
parts = [folder / f"{name}.c" for name in
         ("blocksort", "huffman", "crctable", "randtable", "compress",
          "decompress", "bzlib")]
exports = ("malloc", "free", "BZ2_bzBuffToBuffCompress",
           "BZ2_bzBuffToBuffDecompress")
must("clang-22", "--target=wasm32-wasi", "--sysroot=/usr", "--no-wasm-opt",
     "-mexec-model=reactor", "-O2", "-w", *parts,
     *[f"-Wl,--export={name}" for name in exports], "-o", SANDBOX / "bz.wasm")
objects = []
for part in parts:
    objects.append(SANDBOX / f"{part.stem}.native.o")
    must("clang-22", "-O2", "-w", "-c", part, "-o", objects[-1])
for strategy in ("guard", "check"):
    compile_module("bz", SANDBOX / "bz.wasm", "--memory", strategy)
    host = c_host("host", HOST, "bz.o", *objects, "-I", folder)
    expect_in(b"bytes to", must(host, folder / "manual.ps"), strategy)
