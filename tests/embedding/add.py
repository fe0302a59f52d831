"""The smallest host: one object, its header, a C program."""
from hosts import *

ADD = """(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))"""

MAIN = r"""
#include "add.h"
#include <stdio.h>

int main(void) {
  wm_instance *instance;
  wm_error error;
  if (wm_instance_create(&add_module, NULL, &instance, &error) != WM_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  int32_t sum;
  if (add_add(instance, 10, 5, &sum) != WM_OK)
    return 1;
  printf("%d\n", sum);
  wm_instance_destroy(instance);
}
"""

for strategy in ("guard", "check", "mask", "none"):
    compile_module("add", ADD, "--memory", strategy)
    expect(must(c_host("main", MAIN, "add.o")), b"15\n", strategy)

# The header goes with objects, and neither appears when there is an error.
expect_failure(wasmetal("add.wat", "-o", "add", "--header", "x.h"), 2,
               "--header needs an object or a library")
pathlib.Path("bad.wat").write_text("(module (func (result i32)))")
expect_failure(wasmetal("bad.wat", "-o", "bad.o", "--header", "bad.h"), 1)
expect(sorted(str(path) for path in pathlib.Path(".").glob("bad.*")),
       ["bad.wat"], "files after a failure")
expect_failure(wasmetal("add.wat", "-o", "y.o", "--header", "no/x.h"), 1,
               "no/x.h")
