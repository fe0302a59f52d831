"""Typed and untyped calls, functions of the host by symbol and by table,
callbacks through guest tables, traps as values."""
from hosts import *

MODULE = """(module
  (import "host" "log_func" (func $log (param i32)))
  (import "host" "many" (func $many (param i32 i64 f32 f64)
    (result i64 i32 f64 f32)))
  (memory (export "memory") 1 4)
  (data (i32.const 16) "hello from the guest\\00")
  (type $callback (func (param i32) (result i32)))
  (table (export "table") 4 8 funcref)
  (elem (i32.const 1) $negate)
  (global (export "count") (mut i32) (i32.const 7))
  (global (export "limit") i64 (i64.const 99))
  (func $negate (type $callback)
    (i32.sub (i32.const 0) (local.get 0)))
  (func (export "greet") (param i32) (call $log (local.get 0)))
  (func (export "call-table") (param i32 i32) (result i32)
    (call_indirect (type $callback) (local.get 1) (local.get 0)))
  (func (export "many") (result i64 i32 f64 f32)
    (call $many (i32.const 3) (i64.const 4) (f32.const 1.5) (f64.const 2.5)))
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func $recurse (export "recurse") (call $recurse)
    (global.set 0 (i32.const 1)))
  (func (export "set") (param i32) (global.set 0 (local.get 0))))"""

HOST = PREAMBLE + r"""
#include "app.h"

static char logged[64];

static wm_status do_log(wm_instance *instance, int32_t address) {
  if (address == 0)
    return wm_fail(instance, "nothing to log");
  if (address == 1)
    return WM_REFUSED;
  return wm_memory_string(wm_instance_memory(instance, 0), (uint32_t)address,
                          logged, sizeof(logged));
}

static wm_status do_many(int32_t a, int64_t b, float c, double d, int64_t *e,
                         int32_t *f, double *g, float *h) {
  CHECK(c == 1.5f);
  *e = a + b;
  *f = a;
  *g = d;
  *h = c;
  return WM_OK;
}

#ifdef BY_SYMBOL
wm_status app_import_host_log_func(wm_instance *instance, int32_t p0) {
  return do_log(instance, p0);
}

wm_status app_import_host_many(wm_instance *instance, int32_t p0, int64_t p1,
                               float p2, double p3, int64_t *result0,
                               int32_t *result1, double *result2,
                               float *result3) {
  (void)instance;
  return do_many(p0, p1, p2, p3, result0, result1, result2, result3);
}
#else
static wm_status log_callback(void *context, wm_instance *instance,
                              const wm_value *params, wm_value *results) {
  (void)results;
  CHECK(strcmp(context, "context") == 0);
  return do_log(instance, params[0].i32);
}

static wm_status many_callback(void *context, wm_instance *instance,
                               const wm_value *params, wm_value *results) {
  (void)context;
  (void)instance;
  return do_many(params[0].i32, params[1].i64, params[2].f32, params[3].f64,
                 &results[0].i64, &results[1].i32, &results[2].f64,
                 &results[3].f32);
}
#endif

static wm_status times(void *context, wm_instance *instance,
                       const wm_value *params, wm_value *results) {
  if (params[0].i32 == 13)
    return wm_fail(instance, "unlucky");
  if (params[0].i32 == 14)
    return WM_TRAPPED;
  if (params[0].i32 == 15) // again into the guest, where it traps
    return app_divide(instance, 1, 0, &results[0].i32);
  if (params[0].i32 == 16) // again, and the trap is handled
    return app_divide(instance, 1, 0, &results[0].i32) == WM_TRAPPED
               ? app_divide(instance, 64, 2, &results[0].i32)
               : WM_OK;
  results[0].i32 = params[0].i32 * *(int *)context;
  return WM_OK;
}

static const char *message(wm_instance *instance) {
  return wm_last_error(instance)->message;
}

int main(void) {
  wm_options options = {0};
  options.size = sizeof(options);
#ifndef BY_SYMBOL
  char context[] = "context";
  wm_import imports[] = {
      {"other", "log_func", many_callback, NULL, {0}},
      {"host", "many", many_callback, NULL, {0}},
      {"host", "log_func", log_callback, context, {0}}};
  options.imports = imports;
  options.num_imports = 3;
#endif
  int mine = 5;
  options.user_data = &mine;
  wm_instance *instance;
  wm_error error;
  CHECK(wm_instance_create(&app_module, &options, &instance, &error) == WM_OK);
  CHECK(wm_instance_user_data(instance) == &mine);
  CHECK(wm_instance_module(instance) == &app_module);

  // Functions of the host.
  CHECK(app_greet(instance, 16) == WM_OK);
  CHECK(strcmp(logged, "hello from the guest") == 0);
  CHECK(app_greet(instance, 0) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_host);
  CHECK(strcmp(message(instance), "nothing to log") == 0);
  CHECK(app_greet(instance, 1) == WM_TRAPPED);
  CHECK(strcmp(message(instance), "a function of the host failed") == 0);
  CHECK(app_greet(instance, 65536) == WM_TRAPPED);
  int64_t a;
  int32_t b;
  double c;
  float d;
  CHECK(app_many(instance, &a, &b, &c, &d) == WM_OK);
  CHECK(a == 7 && b == 3 && c == 2.5 && d == 1.5f);

  // Traps are values; the instance goes on.
  int32_t r;
  CHECK(app_divide(instance, 1, 0, &r) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_divide_by_zero);
  CHECK(strcmp(message(instance), "integer divide by zero") == 0);
  CHECK(wm_last_error(instance)->trap_pc != NULL);
  CHECK(app_load(instance, 65536, &r) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_memory_bounds);
  CHECK(app_recurse(instance) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_stack_exhausted);
  CHECK(app_divide(instance, 7, 2, &r) == WM_OK && r == 3);

  // By name.
  wm_value values[4] = {{.i32 = 21}, {.i32 = 3}};
  CHECK(wm_call(instance, "divide", values, 2, values, 1, &error) == WM_OK);
  CHECK(values[0].i32 == 7 && error.status == WM_OK && !error.message[0]);
  CHECK(wm_call(instance, "divide", values, 1, values, 1, &error) ==
        WM_REFUSED);
  CHECK(strcmp(error.message, "expected 2 arguments, found 1") == 0);
  CHECK(wm_call(instance, "divide", values, 2, values, 0, &error) ==
        WM_REFUSED);
  CHECK(strcmp(error.message, "expected room for 1 results, found 0") == 0);
  CHECK(wm_call(instance, "memory", values, 0, values, 0, &error) ==
        WM_NOT_FOUND);
  CHECK(wm_call(instance, "none\n", values, 0, values, 0, &error) ==
        WM_NOT_FOUND);
  CHECK(strcmp(error.message, "no exported function \"none\\0a\"") == 0);
  CHECK(wm_call(instance, "many", NULL, 0, values, 4, NULL) == WM_OK);
  CHECK(values[0].i64 == 7 && values[3].f32 == 1.5f);

  // Callbacks in tables.
  wm_external table;
  CHECK(wm_instance_export(instance, "table", &table));
  CHECK(table.kind == WM_TABLE && wm_table_size(table.table) == 4);
  const wm_kind i32 = WM_I32, f64 = WM_F64;
  int factor = 10;
  wm_function *function;
  CHECK(wm_function_create(instance, &f64, 1, &i32, 1, times, &factor,
                           &function, &error) == WM_NOT_FOUND);
  CHECK(wm_function_create(instance, &i32, 1, &i32, 1, times, &factor,
                           &function, &error) == WM_OK);
  CHECK(wm_table_set(table.table, 4, function) == WM_OUT_OF_RANGE);
  CHECK(wm_table_set(table.table, 3, function) == WM_OK);
  CHECK(app_call_x2dtable(instance, 3, 7, &r) == WM_OK && r == 70);
  factor = -1;
  CHECK(app_call_x2dtable(instance, 3, 7, &r) == WM_OK && r == -7);
  CHECK(app_call_x2dtable(instance, 3, 13, &r) == WM_TRAPPED);
  CHECK(strcmp(message(instance), "unlucky") == 0);
  CHECK(app_call_x2dtable(instance, 3, 14, &r) == WM_TRAPPED);
  CHECK(strcmp(message(instance), "a function of the host failed") == 0);
  CHECK(app_call_x2dtable(instance, 3, 15, &r) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_host);
  CHECK(strcmp(message(instance), "integer divide by zero") == 0);
  CHECK(app_call_x2dtable(instance, 3, 16, &r) == WM_OK && r == 32);
  CHECK(app_call_x2dtable(instance, 0, 1, &r) == WM_TRAPPED);
  CHECK(wm_last_error(instance)->trap == WM_TRAP_uninitialized_element);

  // Entries of tables, called from the host: the guest's and our own.
  void *entry;
  CHECK(wm_table_get(table.table, 1, &entry) == WM_OK);
  values[0].i32 = 5;
  CHECK(wm_function_call(entry, values, 1, values, 1, &error) == WM_OK);
  CHECK(values[0].i32 == -5);
  CHECK(wm_table_get(table.table, 3, &entry) == WM_OK && entry == function);
  values[0].i32 = 6;
  CHECK(wm_function_call(entry, values, 1, values, 1, &error) == WM_OK);
  CHECK(values[0].i32 == -6);
  values[0].i32 = 13;
  CHECK(wm_function_call(entry, values, 1, values, 1, &error) == WM_TRAPPED);
  CHECK(strcmp(error.message, "unlucky") == 0);
  CHECK(wm_table_extend(table.table, 4) == WM_OK);
  CHECK(wm_table_extend(table.table, 1) == WM_NO_MEMORY);
  CHECK(wm_table_get(table.table, 7, &entry) == WM_OK && entry == NULL);

  // A function of another store is refused.
  wm_instance *other;
  CHECK(wm_instance_create(&app_module, &options, &other, &error) == WM_OK);
  wm_external theirs;
  CHECK(wm_instance_export(other, "table", &theirs));
  CHECK(wm_table_set(theirs.table, 3, function) == WM_REFUSED);
  wm_instance_destroy(other);

  // Globals.
  wm_external count, limit;
  CHECK(wm_instance_export(instance, "count", &count));
  CHECK(wm_instance_export(instance, "limit", &limit));
  CHECK(wm_global_get(count.global).i32 == 7);
  CHECK(wm_global_set(count.global, (wm_value){.i32 = 8}) == WM_OK);
  CHECK(wm_global_get(count.global).i32 == 8);
  CHECK(app_set(instance, 9) == WM_OK);
  CHECK(wm_global_get(count.global).i32 == 9);
  CHECK(wm_global_get(limit.global).i64 == 99);
  CHECK(wm_global_set(limit.global, (wm_value){.i64 = 1}) == WM_REFUSED);

  // Memory.
  wm_memory *memory = wm_instance_memory(instance, 0);
  char text[64];
  CHECK(wm_instance_memory(instance, 1) == NULL);
  CHECK(wm_memory_size(memory) == 65536);
  CHECK(wm_memory_write(memory, 65534, "xy", 2) == WM_OK);
  CHECK(wm_memory_write(memory, 65535, "xy", 2) == WM_OUT_OF_RANGE);
  CHECK(wm_memory_write(memory, UINT64_MAX, "xy", 2) == WM_OUT_OF_RANGE);
  CHECK(wm_memory_read(memory, 65534, text, 2) == WM_OK);
  CHECK(text[0] == 'x' && text[1] == 'y');
  CHECK(wm_memory_read(memory, 65536, text, 0) == WM_OK);
  CHECK(wm_memory_read(memory, 65537, text, 0) == WM_OUT_OF_RANGE);
  CHECK(wm_memory_string(memory, 65534, text, sizeof(text)) ==
        WM_OUT_OF_RANGE);
  CHECK(wm_memory_string(memory, 16, text, 6) == WM_NO_MEMORY);
  CHECK(strcmp(text, "hello") == 0);
  CHECK(memcmp(wm_memory_data(memory) + 16, "hello", 5) == 0);
  CHECK(wm_memory_extend(memory, 3) == WM_OK);
  CHECK(wm_memory_size(memory) == 4 * 65536);
  CHECK(wm_memory_extend(memory, 1) == WM_NO_MEMORY);
  CHECK(app_load(instance, 65536, &r) == WM_OK && r == 0);

  wm_instance_destroy(instance);
  wm_instance_destroy(NULL);
  puts("good");
}
"""

for strategy in ("guard", "check"):
    for imports in ("symbol", "table"):
        compile_module("app", MODULE, "--memory", strategy, "--imports",
                       imports)
        defines = ["-DBY_SYMBOL"] if imports == "symbol" else []
        for compiler in ("gcc", "clang-22"):
            host = c_host("host", HOST, "app.o", *defines, compiler=compiler)
            expect(must(host), b"good\n", f"{strategy} {imports} {compiler}")

# Symbols can be left out of an object for a table, not the other way.
compile_module("app", MODULE)
result = run("gcc", "-I", INCLUDE, "host.c", "app.o", "-o", "incomplete")
expect_in("undefined reference to `app_import_host_log_func'",
          result.stderr.decode(), "the linker's message")
