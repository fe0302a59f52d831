"""wasmetal.hpp: exceptions, functions of any kind, memory, moves."""
from hosts import *

MODULE = """(module
  (type $callback (func (param i32) (result i32)))
  (import "host" "add" (func $add (param i32 i64) (result f64)))
  (import "host" "fail" (func $fail (param i32)))
  (memory (export "memory") 1 2)
  (table (export "table") 2 funcref)
  (data (i32.const 8) "text\\00")
  (func (export "add") (param i32 i64) (result f64)
    (call $add (local.get 0) (local.get 1)))
  (func (export "fail") (param i32) (call $fail (local.get 0)))
  (func (export "back") (param i32) (result i32)
    (call_indirect (type $callback) (local.get 0) (i32.const 1)))
  (tag $oops (export "oops") (param i32 f64))
  (func (export "catch") (param i32) (result i32 f64)
    try (result i32 f64)
      (call $fail (local.get 0))
      (i32.const 0) (f64.const 0)
    catch $oops
    end)
  (func (export "trap") unreachable))"""

HOST = PREAMBLE + r"""
#include "app.h"
#include <wasmetal/wasmetal.hpp>

template <typename F> static wasmetal::Error failure(F function) {
  try {
    function();
  } catch (const wasmetal::Error &error) {
    return error;
  }
  CHECK(!"no exception");
  abort();
}

static wasmetal::Instance make(int &calls) {
  wasmetal::Imports imports;
  imports
      .function("host", "add",
                [&calls](wm_instance *, int32_t a, int64_t b) {
                  ++calls;
                  return double(a) + double(b);
                })
      .function("host", "fail", [](wm_instance *instance, uint32_t how) {
        if (how == 1)
          throw std::runtime_error("on purpose");
        if (how == 2)
          throw 5;
        wm_value values[2] = {};
        values[0].i32 = 7;
        values[1].f64 = 2.5;
        wm_external oops;
        CHECK(wm_instance_export(instance, "oops", &oops));
        if (how == 3)
          throw wasmetal::Exception(oops.tag, {values[0], values[1]});
      });
  return wasmetal::Instance(app_module, std::move(imports));
}

int main() {
  int calls = 0;
  wasmetal::Instance first = make(calls);
  wasmetal::Instance app = std::move(first);
  CHECK(app.call<double>("add", int32_t(1), int64_t(2)) == 3);
  CHECK(calls == 1);
  double sum;
  app.check(app_add(app, 2, 3, &sum));
  CHECK(sum == 5);
  app.call("fail", 0);
  wasmetal::Error error = failure([&] { app.call("fail", 1); });
  CHECK(error.trap() == WM_TRAP_host && !strcmp(error.what(), "on purpose"));
  error = failure([&] { app.check(app_fail(app, 2)); });
  CHECK(error.status() == WM_TRAPPED);
  wm_value caught[2] = {};
  wm_value how = {};
  how.i32 = 3;
  CHECK(wm_call(app, "catch", &how, 1, caught, 2, nullptr) == WM_OK);
  CHECK(caught[0].i32 == 7 && caught[1].f64 == 2.5);
  try {
    app.call("fail", 3);
    CHECK(!"no exception");
  } catch (const wasmetal::Exception &exception) {
    CHECK(exception.tag() == app.find("oops").tag);
    CHECK(exception.values().size() == 2 && exception.values()[0].i32 == 7);
    CHECK(exception.status() == WM_THROWN);
  }
  error = failure([&] { app.call("trap"); });
  CHECK(error.trap() == WM_TRAP_unreachable);
  error = failure([&] { app.call<int32_t>("add", 1, 2); });
  CHECK(error.status() == WM_REFUSED);
  CHECK(failure([&] { app.call("none"); }).status() == WM_NOT_FOUND);
  CHECK(failure([&] { app.memory(1); }).status() == WM_NOT_FOUND);
  CHECK(failure([&] { wasmetal::Instance bare(app_module); }).status() ==
        WM_UNLINKABLE);

  wasmetal::Memory memory = app.memory();
  CHECK(memory.text(8) == "text" && memory.text(8, 2) == "te");
  memory.set<int64_t>(100, 7);
  CHECK(memory.get<int32_t>(100) == 7);
  CHECK(failure([&] { memory.get<int32_t>(65533); }).status() ==
        WM_OUT_OF_RANGE);
  CHECK(failure([&] { memory.text(0, ~0ull); }).status() == WM_OUT_OF_RANGE);
  memory.set(65535, 'x');
  CHECK(failure([&] { memory.text(65535); }).status() == WM_OUT_OF_RANGE);
  std::string longer(1000, 'y');
  memory.write(1000, longer.c_str(), 1001);
  CHECK(memory.text(1000) == longer);
  memory.extend(1);
  CHECK(memory.size() == 2 * 65536);
  CHECK(failure([&] { memory.extend(1); }).status() == WM_NO_MEMORY);

  int factor = 3;
  wm_function *function =
      app.makeFunction([&](wm_instance *, int32_t x) { return x * factor; });
  CHECK(wm_table_set(app.find("table").table, 1, function) == WM_OK);
  CHECK(app.call<int32_t>("back", 5) == 15);
  CHECK(app.call<int32_t>(function, 6) == 18);
  CHECK(failure([&] {
          app.makeFunction([](wm_instance *, float x) { return x; });
        }).status() == WM_NOT_FOUND);
  puts("good");
}
"""

compile_module("app", MODULE, "--imports", "table")
for compiler, standard in (("g++", "c++17"), ("clang++-22", "c++20"),
                           ("g++", "c++20")):
    host = cpp_host("host", HOST, "app.o", compiler=compiler,
                    standard=standard)
    expect(must(host), b"good\n", f"{compiler} {standard}")
# Its own destructors and exceptions leave nothing behind.
host = cpp_host("host", HOST, "app.o", "-fsanitize=undefined,address",
                "-fno-sanitize-recover=all", compiler="clang++-22")
expect(must(host, env={**os.environ, "ASAN_OPTIONS":
                       "detect_leaks=1:handle_segv=0"}), b"good\n",
       "with sanitizers")
