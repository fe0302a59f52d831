"""Vectors between host and guest: arguments, results, functions of the host
and globals, at addresses of the host that are not aligned."""
from hosts import *

MODULE = """(module
  (import "host" "swap" (func $swap (param v128 i32 v128)
    (result v128 v128)))
  (import "host" "next" (func $next (param v128) (result v128)))
  (global (export "mark") (mut v128) (v128.const i32x4 1 2 3 4))
  (func (export "add") (param i32 v128 v128) (result v128)
    (i32x4.add (i32x4.add (local.get 1) (local.get 2))
               (i32x4.splat (local.get 0))))
  (func (export "both") (param v128 v128) (result v128 v128)
    (call $swap (local.get 0) (i32.const 5) (local.get 1)))
  (func (export "three") (param v128) (result v128 i32 v128)
    (call $next (local.get 0)) (i32.const 7)
    (call $next (call $next (local.get 0)))))"""

HOST = PREAMBLE + r"""
#include "app.h"

static void increment(const uint8_t *from, uint8_t *to) {
  for (int i = 0; i < 16; ++i)
    to[i] = (uint8_t)(from[i] + 1);
}

#ifdef BY_SYMBOL
wm_status app_import_host_swap(wm_instance *instance, const wm_v128 *p0,
                               int32_t p1, const wm_v128 *p2, wm_v128 *result0,
                               wm_v128 *result1) {
  (void)instance;
  CHECK(p1 == 5);
  *result0 = *p2;
  *result1 = *p0;
  return WM_OK;
}

wm_status app_import_host_next(wm_instance *instance, const wm_v128 *p0,
                               wm_v128 *result0) {
  (void)instance;
  increment(p0->bytes, result0->bytes);
  return WM_OK;
}
#else
static wm_status swap(void *context, wm_instance *instance,
                      const wm_value *params, wm_value *results) {
  (void)context;
  (void)instance;
  CHECK(params[1].i32 == 5);
  results[0] = params[2];
  results[1] = params[0];
  return WM_OK;
}

static wm_status next(void *context, wm_instance *instance,
                      const wm_value *params, wm_value *results) {
  (void)context;
  (void)instance;
  increment(params[0].v128, results[0].v128);
  return WM_OK;
}
#endif

int main(void) {
  wm_options options = {0};
  options.size = sizeof(options);
#ifndef BY_SYMBOL
  wm_import imports[] = {{"host", "swap", swap, NULL, {0}},
                         {"host", "next", next, NULL, {0}}};
  options.imports = imports;
  options.num_imports = 2;
#endif
  wm_instance *instance;
  wm_error error;
  CHECK(wm_instance_create(&app_module, &options, &instance, &error) == WM_OK);

  // A wm_v128 may stand at any address.
  struct {
    char before;
    wm_v128 a, b, c, d;
  } at = {0, {{1, 0, 0, 0, 2}}, {{10, 0, 0, 0, 20, 0, 0, 0, 30}}, {{0}}, {{0}}};
  CHECK(app_add(instance, 100, &at.a, &at.b, &at.c) == WM_OK);
  const uint8_t sum[16] = {111, 0, 0, 0, 122, 0, 0, 0, 130, 0, 0, 0, 100};
  CHECK(memcmp(at.c.bytes, sum, 16) == 0);
  CHECK(app_both(instance, &at.a, &at.b, &at.c, &at.d) == WM_OK);
  CHECK(memcmp(&at.c, &at.b, 16) == 0 && memcmp(&at.d, &at.a, 16) == 0);
  int32_t seven = 0;
  CHECK(app_three(instance, &at.a, &at.c, &seven, &at.d) == WM_OK);
  CHECK(at.c.bytes[0] == 2 && at.c.bytes[15] == 1 && seven == 7);
  CHECK(at.d.bytes[0] == 3 && at.d.bytes[15] == 2);

  // A wm_value is aligned to 8 bytes.
  struct {
    uint64_t before;
    wm_value values[3];
  } by_name = {0, {{0}, {0}, {0}}};
  memcpy(by_name.values[0].v128, at.a.bytes, 16);
  CHECK(wm_call(instance, "three", by_name.values, 1, by_name.values, 3,
                &error) == WM_OK);
  CHECK(by_name.values[0].v128[0] == 2 && by_name.values[1].i32 == 7);
  CHECK(by_name.values[2].v128[0] == 3 && by_name.values[2].v128[15] == 2);

  wm_external mark;
  CHECK(wm_instance_export(instance, "mark", &mark));
  CHECK(mark.kind == WM_GLOBAL);
  wm_value value = wm_global_get(mark.global);
  CHECK(value.v128[0] == 1 && value.v128[12] == 4);
  value.v128[15] = 9;
  CHECK(wm_global_set(mark.global, value) == WM_OK);
  CHECK(wm_global_get(mark.global).v128[15] == 9);
  wm_instance_destroy(instance);
  puts("good");
}
"""

for imports in ("symbol", "table"):
    for options in (["-O0"], ["-O2", "--memory", "check"]):
        compile_module("app", MODULE, "--imports", imports, *options)
        defines = ["-DBY_SYMBOL"] if imports == "symbol" else []
        host = c_host("host", HOST, "app.o", *defines)
        expect(must(host), b"good\n", f"{imports} {options}")
