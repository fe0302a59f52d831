"""Objects meet in one program: of one module twice, of several strategies,
linked by each linker into each kind of output, with glibc and with musl.
What an object needs of its host is this, and nothing more."""
from hosts import *

MODULE = """(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "twice") (param i32) (result i32)
    (call $add (local.get 0) (local.get 0)))
  (func (export "store") (param i32 i32)
    (i32.store (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "round") (param f64) (result f64)
    (f64.nearest (f64.floor (local.get 0))))
  (func (export "fill") (memory.fill (i32.const 0) (i32.const 1)
    (i32.const 1000))))"""

HOST = PREAMBLE + r"""
#include "first.h"
#include "second.h"
#include "third.h"

wm_status first_import_host_add(wm_instance *instance, int32_t p0, int32_t p1,
                                int32_t *result) {
  (void)instance;
  *result = p0 + p1;
  return WM_OK;
}

wm_status second_import_host_add(wm_instance *instance, int32_t p0, int32_t p1,
                                 int32_t *result) {
  (void)instance;
  *result = p0 + p1 + 1000;
  return WM_OK;
}

wm_status third_import_host_add(wm_instance *instance, int32_t p0, int32_t p1,
                                int32_t *result) {
  // Into another object's module, where a trap is.
  (void)p1;
  wm_instance *other = wm_instance_user_data(instance);
  CHECK(first_load(other, p0, result) == WM_TRAPPED);
  CHECK(wm_last_error(other)->trap == WM_TRAP_memory_bounds);
  return WM_OK;
}

int run(void) {
  wm_instance *first, *second, *third;
  wm_error error;
  int32_t r;
  double d;
  CHECK(!wm_instance_create(&first_module, NULL, &first, &error));
  CHECK(!wm_instance_create(&second_module, NULL, &second, &error));
  wm_options options = {0};
  options.size = sizeof(options);
  options.user_data = first;
  CHECK(!wm_instance_create(&third_module, &options, &third, &error));
  CHECK(first_store(first, 8, 1) == WM_OK && second_store(second, 8, 2) == WM_OK);
  CHECK(third_store(third, 8, 3) == WM_OK);
  CHECK(first_load(first, 8, &r) == WM_OK && r == 1);
  CHECK(second_load(second, 8, &r) == WM_OK && r == 2);
  CHECK(third_load(third, 8, &r) == WM_OK && r == 3);
  CHECK(first_twice(first, 4, &r) == WM_OK && r == 8);
  CHECK(second_twice(second, 4, &r) == WM_OK && r == 1008);
  CHECK(third_twice(third, 65536, &r) == WM_OK);
  for (int i = 0; i < 100; ++i) {
    CHECK(first_load(first, 65536, &r) == WM_TRAPPED);
    CHECK(second_load(second, 65536, &r) == WM_TRAPPED);
    CHECK(third_load(third, -4, &r) == WM_OK || i >= 0);
  }
  CHECK(first_round(first, -1.5, &d) == WM_OK && d == -2);
  CHECK(first_fill(first) == WM_OK && first_load(first, 0, &r) == WM_OK);
  CHECK(r == 0x01010101);

  // One of another module is told apart.
  CHECK(second_load(first, 8, &r) == WM_REFUSED);
  CHECK(strcmp(wm_last_error(first)->message,
               "a function of second was called with an instance of first") == 0);
  wm_instance_destroy(first);
  wm_instance_destroy(second);
  wm_instance_destroy(third);
  return 0;
}
"""

MAIN = r"""
#include <stdio.h>
int run(void);
int main(void) {
  int result = run();
  puts("good");
  return result;
}
"""

compile_module("first", MODULE)
compile_module("second", MODULE)
compile_module("third", MODULE, "--memory", "check")
OBJECTS = ["first.o", "second.o", "third.o"]
for name, source in (("host", HOST), ("main", MAIN)):
    (SANDBOX / f"{name}.c").write_text(source)
FLAGS = ["-O1", "-g", "-I", INCLUDE]


def build(*arguments):
    must(*arguments)
    expect(must("./out"), b"good\n", " ".join(str(a) for a in arguments))


LINKERS = [["-fuse-ld=bfd"], ["-fuse-ld=gold"], ["-fuse-ld=lld"]]
for linker in LINKERS:
    # gcc calls lld by this name alone.
    compiler = "clang-22" if linker == ["-fuse-ld=lld"] else "gcc"
    if compiler == "clang-22":
        linker = ["-fuse-ld=lld", "--ld-path=/usr/lib/llvm-22/bin/ld.lld"]
    for pic, kind in ((["-fPIE"], ["-pie"]), (["-fno-pie"], ["-no-pie"]),
                      (["-fno-pie"], ["-static"]),
                      (["-fPIE"], ["-static-pie"]),
                      (["-fPIE"], ["-pie", "-Wl,--gc-sections"])):
        if kind == ["-static-pie"] and linker == ["-fuse-ld=gold"]:
            continue  # gold has no such output
        build(compiler, *FLAGS, *pic, *kind, *linker, "host.c", "main.c",
              *OBJECTS, "-o", "out")
    must(compiler, *FLAGS, "-fPIC", "-shared", *linker, "host.c", *OBJECTS,
         "-o", "libhost.so")
    build(compiler, *FLAGS, "main.c", "./libhost.so", "-o", "out")

for kind in (["-static"], ["-fPIE", "-pie"], ["-fno-pie", "-no-pie"]):
    build("musl-gcc", *FLAGS, *kind, "host.c", "main.c", *OBJECTS, "-o", "out")
must("musl-gcc", *FLAGS, "-fPIC", "-shared", "host.c", *OBJECTS, "-o",
     "libhost.so")
build("musl-gcc", *FLAGS, "main.c", "./libhost.so", "-o", "out")


def undefined(path, *options):
    lines = must("nm", *options, "-u", path).decode().split("\n")
    return sorted(line.split()[-1] for line in lines if line.strip())


# The three of libc that compilers may call anyway, and the imports.
expect(undefined("first.o"),
       ["__start_wm_text", "__stop_wm_text", "first_import_host_add",
        "memcmp", "memcpy", "memset"], "what an object needs")
# What a linked program has left: nothing of ours. The linker has defined where
# guest code begins and ends.
for symbol in undefined("out"):
    if symbol.startswith(("wm_", "first_", "second_", "third_", "__st")):
        fail(f"{symbol} is undefined in a program")

# Symbols that objects share are weak, and everything else of theirs has their
# name: no other global symbol can clash.
for line in must("nm", "-g", "--defined-only", "first.o").decode().split("\n"):
    if not line.strip():
        continue
    _, kind, symbol = line.split()
    if symbol.startswith("wm_"):
        expect(kind in "WV", True, f"{symbol} is weak")
    else:
        expect(symbol.startswith("first_"), True, f"{symbol} has a prefix")
