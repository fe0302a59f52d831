"""An imported memory goes as far as who made it lets it, whatever --max-memory
says of the memories that the module has of its own: its size, and accesses near
the end of 4 GiB."""
from hosts import *

MODULE = """(module (import "a" "m" (memory 1))
  (func (export "near") (param i32) (result i32)
    (i32.add (i32.load (local.get 0))
             (i32.load (i32.add (local.get 0) (i32.const 4)))))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0))))"""

HOST = PREAMBLE + r"""
#include "app.h"

int main(void) {
  wm_error error;
  wm_extern_type type = {.kind = WM_MEMORY, .minimum = 4};
  wm_store *store = wm_store_create(NULL, 0);
  wm_import import = {.module = "a", .name = "m"};
  CHECK(wm_memory_create(store, &app_module, &type, &import.value, &error) ==
        WM_OK);
  wm_options options = {
      .size = sizeof(options), .imports = &import, .num_imports = 1};
  wm_instance *instance;
  CHECK(wm_instance_create(&app_module, &options, &instance, &error) == WM_OK);
  int32_t before, old, after, sum;
  CHECK(app_size(instance, &before) == WM_OK);
  CHECK(app_near(instance, 200000, &sum) == WM_OK);
  CHECK(app_grow(instance, 65532, &old) == WM_OK);
  CHECK(app_size(instance, &after) == WM_OK);
  // The second address wraps to 0.
  CHECK(app_near(instance, -4, &sum) == WM_OK);
  printf("%d %d %d %d\n", before, old, after, sum);
  wm_instance_destroy(instance);
  wm_store_release(store);
  return 0;
}
"""

for options in ("-O0", "-O2", "-O0 --memory check", "-O2 --memory check"):
    for limit in ("", "--max-memory 64K", "--max-memory 16M"):
        app = compile_module("app", MODULE, *options.split(), *limit.split())
        expect(must(c_host("host", HOST, app)), b"4 4 65536 0\n",
               f"{options} {limit}")
