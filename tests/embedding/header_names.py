"""Any names: headers compile without warnings, and every function is there."""
import re

from hosts import *

NAMES = ["a-b", "a_b", "a_x2db", "a b", "int", "module", "import_env_f", "",
         "wm_call", "main", "é", "*/", "//", "??/", "\\\\", "\\00", "\\n",
         "\\22", "_x2d", "x2d", "isdigit", "memcpy", "operator+", "assert",
         "\\e2\\80\\ae", "printf", "_start", "A" * 3000]

FUNCTIONS = "\n".join(
    f'(func (export "{name}") (result i32) (i32.const {i}))'
    for i, name in enumerate(NAMES))
IMPORTS = "\n".join(
    f'(import "{module}" "{name}" (func (param i32) (result i32)))'
    for module in ("env", "a_b", "é", "*/", "")
    for name in ("f", "", "??/", "x2d", "b", "*/\\0a#error"))
OTHERS = """
(import "env" "memory" (memory 1 2))
(import "env" "table" (table 1 funcref))
(import "env" "global" (global (mut i64)))
(import "env" "f" (func (param i64)))
(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))"""
TYPES = """
(func (export "all") (param i32 i64 f32 f64 funcref externref)
  (result externref funcref f64 f32 i64 i32)
  (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1)
  (local.get 0))
(global (export "g") (mut f32) (f32.const 0))
(memory (export "m2") 1)
"""

text = f"(module {IMPORTS} {OTHERS} {FUNCTIONS} {TYPES})"
for imports in ("symbol", "table"):
    compile_module("n", text, "--imports", imports)
    compile_module("static", text, "--imports", imports)
    for compiler in ("gcc", "clang-22"):
        c_host("main", '#include "n.h"\n#include "static.h"\n'
               "int main(void) { return 0; }", "-c", compiler=compiler)
        for standard in ("c11", "c17", "c2x"):
            c_host("main", '#include "static.h"\nint i;', "-c",
                   compiler=compiler, standard=standard)
    for compiler in ("g++", "clang++-22"):
        for standard in ("c++11", "c++20"):
            cpp_host("main", '#include "n.h"\n#include "static.h"\nint i;',
                     "-c", compiler=compiler, standard=standard)

# Each declaration of the header calls the function that it names.
functions = re.findall(r"^wm_status (n_(?!import_)\w*)\(wm_instance \*instance,"
                       r"\s*int32_t \*result\);$",
                       (SANDBOX / "n.h").read_text(), re.M)
expect(len(functions), len(NAMES), "functions without parameters")
expect(len(set(functions)), len(NAMES), "different ones")
text = f"(module {FUNCTIONS})"
compile_module("n", text)
calls = "\n".join(f"CHECK({name}(instance, &r) == WM_OK && r == {i});"
                  for i, name in enumerate(functions))
host = c_host("main", PREAMBLE + '#include "n.h"\n' + r"""
int main(void) {
  wm_instance *instance;
  int32_t r;
  CHECK(wm_instance_create(&n_module, NULL, &instance, NULL) == WM_OK);
  """ + calls + r"""
  // And all are listed, with their types.
  wm_extern_type type;
  CHECK(wm_module_num_imports(&n_module) == 0);
  CHECK(!wm_module_export(&n_module, wm_module_num_exports(&n_module), &type));
  for (uint32_t i = 0; wm_module_export(&n_module, i, &type); ++i) {
    CHECK(type.kind == WM_FUNCTION && type.num_params == 0);
    CHECK(type.num_results == 1 && type.results[0] == WM_I32);
    wm_value value;
    if (strlen(type.name) == type.name_size) {
      CHECK(wm_call(instance, type.name, NULL, 0, &value, 1, NULL) == WM_OK);
      CHECK(value.i32 == (int32_t)i);
    }
  }
  wm_instance_destroy(instance);
  puts("good");
}
""", "n.o")
expect(must(host), b"good\n", "calls")

# The prefix is the runtime's own.
for name in ("wm", "wm_x"):
    expect_failure(wasmetal("n.wat", "-o", "x.o", "--name", name), 2,
                   f"--name: '{name}' is reserved")
