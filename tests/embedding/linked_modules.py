"""Modules compiled separately work together: functions, memories, tables and
globals of another instance or of the host. What cannot be trusted is
refused."""
from hosts import *

PROVIDER = """(module
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1 3)
  (table (export "table") 4 8 funcref)
  (global (export "counter") (mut i32) (i32.const 10))
  (global (export "constant") i64 (i64.const 77))
  (elem (i32.const 0) $increment)
  (func $increment (export "increment") (type $unary)
    (global.set 0 (i32.add (global.get 0) (local.get 0)))
    (global.get 0))
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "call") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"""

# Types in another order: identities must agree all the same.
CONSUMER = """(module
  (type (func (param i64)))
  (type $binary (func (param i32 i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (import "p" "divide" (func $divide (type $binary)))
  (import "p" "increment" (func $increment (type $unary)))
  (import "p" "memory" (memory 1))
  (import "p" "table" (table 2 funcref))
  (import "p" "counter" (global $counter (mut i32)))
  (import "p" "constant" (global $constant i64))
  (func $double (export "double") (type $unary)
    (i32.mul (local.get 0) (i32.const 2)))
  (elem (i32.const 1) $double)
  (data (i32.const 100) "shared")
  (func (export "divide") (type $binary)
    (call $divide (local.get 0) (local.get 1)))
  (func (export "count") (result i32)
    (drop (call $increment (i32.const 1)))
    (global.get $counter))
  (func (export "constant") (result i64) (global.get $constant))
  (func (export "call") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func (export "store") (param i32 i32)
    (i32.store (local.get 0) (local.get 1)))
  (export "increment" (func $increment)))"""

HOST = PREAMBLE + r"""
#include "p.h"
#include "c.h"

static wm_import import_of(wm_instance *instance, const char *name) {
  wm_import import = {"p", name, NULL, NULL, {0}};
  CHECK(wm_instance_export(instance, name, &import.value));
  return import;
}

static const char *const names[] = {"table",  "constant", "divide",
                                    "memory", "counter",  "increment"};
#define COUNT 6

static wm_instance *consume(wm_instance *provider, wm_error *error,
                            wm_store *store) {
  wm_import imports[COUNT];
  for (int i = 0; i < COUNT; ++i)
    imports[i] = import_of(provider, names[i]);
  wm_options options = {0};
  options.size = sizeof(options);
  options.imports = imports;
  options.num_imports = COUNT;
  options.store = store;
  wm_instance *instance;
  wm_instance_create(&c_module, &options, &instance, error);
  return instance;
}

#ifdef WRONG
int main(void) {
  wm_instance *provider;
  wm_error error;
  CHECK(wm_instance_create(&p_module, NULL, &provider, &error) == WM_OK);
  CHECK(consume(provider, &error, NULL) == NULL);
  CHECK(error.status == WM_UNLINKABLE);
  puts(error.message);
}
#else
int main(void) {
  wm_instance *provider;
  wm_error error;
  CHECK(wm_instance_create(&p_module, NULL, &provider, &error) == WM_OK);
  wm_instance *consumer = consume(provider, &error, NULL);
  if (!consumer)
    fprintf(stderr, "%s\n", error.message);
  CHECK(consumer);
  CHECK(wm_instance_store(consumer) == wm_instance_store(provider));

  int32_t r;
  int64_t l;
  CHECK(c_divide(consumer, 42, 6, &r) == WM_OK && r == 7);
  CHECK(c_divide(consumer, 42, 0, &r) == WM_TRAPPED);
  CHECK(wm_last_error(consumer)->trap == WM_TRAP_divide_by_zero);
  CHECK(c_count(consumer, &r) == WM_OK && r == 11);
  CHECK(p_increment(provider, 5, &r) == WM_OK && r == 16);
  CHECK(c_increment(consumer, 1, &r) == WM_OK && r == 17);
  CHECK(c_constant(consumer, &l) == WM_OK && l == 77);
  CHECK(c_store(consumer, 8, 99) == WM_OK);
  CHECK(p_load(provider, 8, &r) == WM_OK && r == 99);
  CHECK(memcmp(wm_memory_data(wm_instance_memory(provider, 0)) + 100, "shared",
               6) == 0);
  CHECK(c_store(consumer, 65536, 1) == WM_TRAPPED);
  CHECK(wm_memory_extend(wm_instance_memory(consumer, 0), 1) == WM_OK);
  CHECK(c_store(consumer, 65536, 1) == WM_OK);

  // Functions of both in one table, called from both.
  CHECK(p_call(provider, 1, 21, &r) == WM_OK && r == 42);
  CHECK(c_call(consumer, 1, 21, &r) == WM_OK && r == 42);
  CHECK(c_call(consumer, 0, 1, &r) == WM_OK && r == 18);
  CHECK(c_call(consumer, 2, 1, &r) == WM_TRAPPED);

  // Another store is another world.
  wm_store *elsewhere = wm_store_create(NULL, 0);
  CHECK(elsewhere && consume(provider, &error, elsewhere) == NULL);
  CHECK(error.status == WM_UNLINKABLE);
  CHECK(strstr(error.message, "it lives in another store"));
  wm_store_release(elsewhere);

  // What the other one refers to stays, in whatever order they go.
  wm_instance_destroy(provider);
  CHECK(c_divide(consumer, 42, 6, &r) == WM_OK && r == 7);
  CHECK(c_call(consumer, 0, 1, &r) == WM_OK && r == 19);
  CHECK(c_store(consumer, 8, 1) == WM_OK);
  wm_instance_destroy(consumer);

  // The same from the host: a memory that it fills before, a variable, a table.
  wm_store *store = wm_store_create(NULL, 1 << 20);
  wm_extern_type type = {0};
  wm_external memory, table;
  type.minimum = 2;
  CHECK(wm_memory_create(store, &c_module, &type, &memory, &error) == WM_OK);
  CHECK(wm_memory_write(memory.memory, 100, "before", 6) == WM_OK);
  type.value = WM_FUNCREF;
  CHECK(wm_table_create(store, &type, &table, &error) == WM_OK);
  int32_t variable = 1000;
  CHECK(wm_instance_create(&p_module, &(wm_options){.size = sizeof(wm_options),
                                                    .store = store},
                           &provider, &error) == WM_OK);
  wm_import imports[COUNT] = {
      {"p", "memory", NULL, NULL, memory},
      {"p", "table", NULL, NULL, table},
      {"p", "counter", NULL, NULL,
       {.kind = WM_GLOBAL, .global = {&variable, WM_I32, true}}},
      {"p", "constant", NULL, NULL, {0}},
      import_of(provider, "increment"),
      import_of(provider, "divide")};
  wm_value value = {.i64 = 5};
  CHECK(wm_global_create(store, WM_I64, false, value, &imports[3].value,
                         &error) == WM_OK);
  wm_options options = {0};
  options.size = sizeof(options);
  options.imports = imports;
  options.num_imports = COUNT;
  CHECK(wm_instance_create(&c_module, &options, &consumer, &error) == WM_OK);
  CHECK(memcmp(wm_memory_data(memory.memory) + 100, "shared", 6) == 0);
  CHECK(c_constant(consumer, &l) == WM_OK && l == 5);
  CHECK(c_count(consumer, &r) == WM_OK && r == 1000);
  variable = 3;
  CHECK(c_count(consumer, &r) == WM_OK && r == 3);
  CHECK(c_call(consumer, 1, 4, &r) == WM_OK && r == 8);
  wm_instance_destroy(provider);
  wm_instance_destroy(consumer);
  wm_store_release(store);
  puts("good");
}
#endif
"""

for strategy in ("guard", "check", "mask"):
    compile_module("p", PROVIDER, "--memory", strategy)
    compile_module("c", CONSUMER, "--memory", strategy, "--imports", "table")
    if strategy == "mask":
        continue  # nothing traps there; below, it is the wrong one
    expect(must(c_host("host", HOST, "p.o", "c.o")), b"good\n", strategy)


def refused(what, *reason):
    host = c_host("wrong", HOST, "-DWRONG", "p.o", "c.o")
    message = must(host).decode()
    for part in reason:
        expect_in(part, message, what)


compile_module("p", PROVIDER, "--memory", "guard")
refused("a strategy that the importer does not know", '"p" "memory"',
        "memory has another strategy")
compile_module("p", PROVIDER, "--memory", "none")
compile_module("c", CONSUMER, "--memory", "check", "--imports", "table")
refused("no protection", "memory has another strategy")
for old, new, reason in (
        ("(param i32 i32) (result i32)\n    (i32.div_s",
         "(param i32 i64) (result i32)\n (i32.div_s (local.get 0) "
         "(i32.wrap_i64 (local.get 1)))) (func (param i32 i32) (result i32)"
         "\n    (i32.div_s", '"p" "divide": function has another signature'),
        ('"memory") 1 3', '"memory") 0 3', "memory is smaller than"),
        ("4 8 funcref", "4 8 externref) (table 4 funcref",
         "table has other elements"),
        ("mut i32", "mut i64", "global has another type"),
        ("i64 (i64.const 77)", "(mut i64) (i64.const 77)",
         "global is mutable")):
    changed = PROVIDER.replace(old, new)
    if "externref" in new:
        changed = changed.replace("(elem (i32.const 0) $increment)",
                                  "(elem (table 1) (i32.const 0) func "
                                  "$increment)").replace(
            "(call_indirect (type $unary)",
            "(call_indirect 1 (type $unary)")
    if "mut i64" in new and "77" not in new:
        changed = changed.replace("(i32.const 10)", "(i64.const 10)").replace(
            "(global.set 0 (i32.add (global.get 0) (local.get 0)))\n"
            "    (global.get 0)", "(local.get 0)")
    compile_module("p", changed, "--memory", "check")
    refused(new, reason)
