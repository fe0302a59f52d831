"""Shared libraries, opened and closed at run time, each on its own."""
from hosts import *

MODULE = """(module
  (import "host" "seven" (func $seven (result i32)))
  (memory (export "memory") 1)
  (func (export "eight") (result i32)
    (i32.add (call $seven) (i32.const 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func $recurse (export "recurse") (result i32)
    (i32.add (call $recurse) (i32.const 1))))"""

HOST = PREAMBLE + r"""
#include <dlfcn.h>
#include <wasmetal/wasmetal.h>

typedef struct {
  void *handle;
  const wm_module *module;
  wm_status (*create)(const wm_module *, const wm_options *, wm_instance **,
                      wm_error *);
  void (*destroy)(wm_instance *);
  wm_status (*call)(wm_instance *, const char *, const wm_value *, uint32_t,
                    wm_value *, uint32_t, wm_error *);
  wm_status (*load)(wm_instance *, int32_t, int32_t *);
  wm_instance *instance;
} library;

static int sevens;

static wm_status seven(void *context, wm_instance *instance,
                       const wm_value *params, wm_value *results) {
  (void)instance;
  (void)params;
  ++sevens;
  results[0].i32 = 7;
  library *other = context;
  wm_error error;
  wm_value value;
  if (other) { // the other library, within a call of this one
    CHECK(other->call(other->instance, "recurse", NULL, 0, &value, 1, &error) ==
          WM_TRAPPED);
    CHECK(error.trap == WM_TRAP_stack_exhausted);
    CHECK(other->load(other->instance, 1 << 20, &value.i32) == WM_TRAPPED);
    CHECK(other->call(other->instance, "eight", NULL, 0, &value, 1, &error) ==
          WM_OK);
    CHECK(value.i32 == 8);
  }
  return WM_OK;
}

static void open_library(library *l, const char *path, const char *name) {
  char symbol[64];
  l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!l->handle)
    fprintf(stderr, "%s\n", dlerror());
  CHECK(l->handle);
  snprintf(symbol, sizeof(symbol), "%s_module", name);
  CHECK((l->module = dlsym(l->handle, symbol)));
  *(void **)&l->create = dlsym(l->handle, "wm_instance_create");
  *(void **)&l->destroy = dlsym(l->handle, "wm_instance_destroy");
  *(void **)&l->call = dlsym(l->handle, "wm_call");
  snprintf(symbol, sizeof(symbol), "%s_load", name);
  *(void **)&l->load = dlsym(l->handle, symbol);
  CHECK(l->create && l->destroy && l->call && l->load);
}

static void make(library *l, library *other) {
  wm_import import = {"host", "seven", seven, other, {0}};
  wm_options options = {0};
  options.size = sizeof(options);
  options.imports = &import;
  options.num_imports = 1;
  wm_error error;
  CHECK(l->create(l->module, NULL, &l->instance, &error) == WM_UNLINKABLE);
  CHECK(strcmp(error.message, "unknown import \"host\" \"seven\"") == 0);
  CHECK(l->create(l->module, &options, &l->instance, &error) == WM_OK);
}

static void use(library *l) {
  wm_error error;
  wm_value value;
  CHECK(l->call(l->instance, "eight", NULL, 0, &value, 1, &error) == WM_OK);
  CHECK(value.i32 == 8);
  for (int i = 0; i < 10; ++i) {
    CHECK(l->load(l->instance, 65536, &value.i32) == WM_TRAPPED);
    CHECK(l->call(l->instance, "recurse", NULL, 0, &value, 1, &error) ==
          WM_TRAPPED);
  }
  CHECK(l->load(l->instance, 65532, &value.i32) == WM_OK);
}

int main(void) {
  for (int round = 0; round < 20; ++round) {
    library first, second;
    open_library(&first, "./first.so", "first");
    open_library(&second, "./second.so", "second");
    make(&first, NULL);
    make(&second, &first);
    use(&first);
    use(&second);
    use(&first);
    // The one that was loaded first goes first, and the other goes on.
    first.destroy(first.instance);
    second.destroy(second.instance);
    dlclose(first.handle);
    make(&second, NULL);
    use(&second);
    second.destroy(second.instance);
    dlclose(second.handle);
  }
  puts("good");
}
"""

compile_module("first", MODULE, suffix=".so")
for strategy in ("guard", "check"):
    compile_module("second", MODULE, "--memory", strategy, suffix=".so")
    expect(must(c_host("host", HOST)), b"good\n", strategy)

# Imports by symbol: the loader finds them in the program.
compile_module("first", MODULE, "--imports", "symbol", suffix=".so")
SYMBOLS = PREAMBLE + r"""
#include "first.h"

wm_status first_import_host_seven(wm_instance *instance, int32_t *result) {
  (void)instance;
  *result = 7;
  return WM_OK;
}

int main(void) {
  wm_instance *instance;
  int32_t value;
  CHECK(wm_instance_create(&first_module, NULL, &instance, NULL) == WM_OK);
  CHECK(first_eight(instance, &value) == WM_OK && value == 8);
  CHECK(first_load(instance, 65536, &value) == WM_TRAPPED);
  wm_instance_destroy(instance);
  puts("good");
}
"""
expect(must(c_host("symbols", SYMBOLS, "first.so", "-Wl,-rpath,$ORIGIN")), b"good\n",
       "imports by symbol")
needed = must("readelf", "-d", "first.so").decode()
expect("NEEDED" in needed, False, "a library needs no other")
