"""What a function of the host throws is caught by the guest, or arrives at the
outer host; exceptions pass through functions of the host that let them."""
from hosts import *

MODULE = """(module
  (type $plain (func))
  (import "host" "throw" (func $throw (param i32)))
  (import "host" "pass" (func $pass))
  (tag $oops (export "oops") (param i32 i64))
  (table (export "table") 2 funcref)
  (func (export "throw") (param i32) (call $throw (local.get 0)))
  (func (export "catch") (param i32) (result i32 i64)
    try (result i32 i64)
      (call $throw (local.get 0))
      (i32.const -1) (i64.const -1)
    catch $oops
    end)
  (func (export "catch_indirect") (result i32 i64)
    try (result i32 i64)
      (call_indirect (type $plain) (i32.const 1))
      (i32.const -1) (i64.const -1)
    catch $oops
    end)
  (func (export "catch_passed") (result i32 i64)
    try (result i32 i64)
      (call $pass)
      (i32.const -1) (i64.const -1)
    catch $oops
    end)
  (func (export "tail") (param i32) (return_call $throw (local.get 0)))
  (func (export "result") (param i32) (result i32)
    (call $throw (local.get 0)) (i32.const 5))
  (func (export "raise") (throw $oops (i32.const 3) (i64.const 4)))
  (func (export "count") (param i32) (result i32) (local i32)
    (loop $again
      try
        (call $throw (i32.const 1))
      catch $oops
        drop drop
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      end
      (br_if $again
        (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))"""

HOST = PREAMBLE + r"""
#include "app.h"

static const wm_tag *tag(wm_instance *instance) {
  wm_external oops;
  CHECK(wm_instance_export(instance, "oops", &oops) && oops.kind == WM_TAG);
  return oops.tag;
}

static wm_status throwThem(wm_instance *instance, uint32_t how) {
  wm_value values[2] = {{.i32 = 1}, {.i64 = (int64_t)1 << 40}};
  switch (how) {
  case 0:
    return WM_OK;
  case 1:
    return wm_throw(instance, tag(instance), values, 2);
  case 2: // a wrong number of values
    return wm_throw(instance, tag(instance), values, 1);
  case 3: // nothing was thrown
    return WM_THROWN;
  case 4: { // guest code runs in between
    wm_status status = wm_throw(instance, tag(instance), values, 2);
    int32_t a;
    int64_t b;
    CHECK(app_catch(instance, 0, &a, &b) == WM_OK && a == -1);
    return status;
  }
  case 5: { // something else fails in between
    wm_status status = wm_throw(instance, tag(instance), values, 2);
    wm_fail(instance, "later");
    return status;
  }
  }
  return wm_fail(instance, "what?");
}

static wm_status passOn(wm_instance *instance) {
  wm_status status = app_raise(instance);
  CHECK(status == WM_THROWN);
  return status;
}

#ifdef SYMBOLS
wm_status app_import_host_throw(wm_instance *instance, int32_t how) {
  return throwThem(instance, (uint32_t)how);
}
wm_status app_import_host_pass(wm_instance *instance) {
  return passOn(instance);
}
static const wm_import imports[1];
enum { NumImports = 0 };
#else
static wm_status callThrow(void *context, wm_instance *instance,
                           const wm_value *params, wm_value *results) {
  (void)context, (void)results;
  return throwThem(instance, (uint32_t)params[0].i32);
}
static wm_status callPass(void *context, wm_instance *instance,
                          const wm_value *params, wm_value *results) {
  (void)context, (void)params, (void)results;
  return passOn(instance);
}
static const wm_import imports[] = {
    {.module = "host", .name = "throw", .callback = callThrow},
    {.module = "host", .name = "pass", .callback = callPass},
};
enum { NumImports = 2 };
#endif

static wm_status throwFromTable(void *context, wm_instance *instance,
                                const wm_value *params, wm_value *results) {
  (void)params, (void)results;
  CHECK(context == instance);
  return throwThem(instance, 1);
}

static void expectThrown(wm_instance *instance, wm_status status, int32_t a) {
  CHECK(status == WM_THROWN);
  const wm_error *error = wm_last_error(instance);
  CHECK(error->status == WM_THROWN && error->trap == WM_TRAP_none);
  CHECK(wm_exception_tag(error->exception) == tag(instance));
  uint32_t count;
  const wm_value *values = wm_exception_values(error->exception, &count);
  CHECK(count == 2 && values[0].i32 == a);
}

static void expectTrap(wm_instance *instance, wm_status status,
                       const char *message) {
  CHECK(status == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_host);
  CHECK(strstr(wm_last_error(instance)->message, message));
}

int main(void) {
  wm_options options = {0};
  options.size = sizeof(options);
  options.imports = imports;
  options.num_imports = NumImports;
  wm_instance *app;
  wm_error error;
  CHECK(wm_instance_create(&app_module, &options, &app, &error) == WM_OK);
  int32_t a;
  int64_t b;
  for (int32_t how = 1; how <= 4; how += 3) {
    CHECK(app_catch(app, how, &a, &b) == WM_OK);
    CHECK(a == 1 && b == (int64_t)1 << 40);
    expectThrown(app, app_throw(app, how), 1);
    expectThrown(app, app_tail(app, how), 1);
    int32_t result = 77;
    expectThrown(app, app_result(app, how, &result), 1);
    CHECK(result == 77);
    CHECK(app_result(app, 0, &result) == WM_OK && result == 5);
  }
  wm_value how = {.i32 = 1};
  expectThrown(app, wm_call(app, "throw", &how, 1, NULL, 0, &error), 1);
  CHECK(app_throw(app, 0) == WM_OK);
  CHECK(app_catch_passed(app, &a, &b) == WM_OK && a == 3 && b == 4);
  expectTrap(app, app_catch(app, 2, &a, &b), "another number of values");
  expectTrap(app, app_catch(app, 3, &a, &b), "host failed");
  expectTrap(app, app_catch(app, 5, &a, &b), "later");
  expectTrap(app, app_catch(app, 6, &a, &b), "what?");

  wm_external table;
  CHECK(wm_instance_export(app, "table", &table));
  wm_function *function;
  CHECK(wm_function_create(app, NULL, 0, NULL, 0, throwFromTable, app,
                           &function, &error) == WM_OK);
  CHECK(wm_table_set(table.table, 1, function) == WM_OK);
  CHECK(app_catch_indirect(app, &a, &b) == WM_OK && a == 1);
  expectThrown(app, wm_function_call(function, NULL, 0, NULL, 0, &error), 1);

  // What is caught gives its memory back.
  CHECK(app_count(app, 3000000, &a) == WM_OK && a == 3000000);
  // What is never caught takes it all: no exception, but a trap.
  wm_status status;
  do
    status = app_throw(app, 1);
  while (status == WM_THROWN);
  expectTrap(app, status, wm_trap_message(WM_TRAP_exception_memory));
  wm_instance_destroy(app);
  puts("good");
}
"""

for how in ("table", "symbol"):
    for options in (["-O2"], ["-O0", "--memory", "check"]):
        compile_module("app", MODULE, "--imports", how, *options)
        host = c_host("host", HOST, "app.o",
                      *(["-DSYMBOLS"] if how == "symbol" else []))
        expect(must(host), b"good\n", f"{how}, {options}")
