"""What was compiled for another processor is refused with a message, before
any of its instructions is met; in a program and in an executable."""
import re

from hosts import *

MODULE = """(module
  (memory 1)
  (func (export "popcnt") (param i32) (result i32)
    (i32.popcnt (local.get 0)))
  (func (export "_start")))"""

HOST = PREAMBLE + r"""
#include "app.h"
#include "base.h"

int main(void) {
  wm_instance *instance, *base;
  wm_error error;
  CHECK(wm_instance_create(&base_module, NULL, &base, &error) == WM_OK);
  wm_status status = wm_instance_create(&app_module, NULL, &instance, &error);
  int32_t count = 5;
  if (status == WM_OK)
    CHECK(app_popcnt(instance, 255, &count) == WM_OK && count == 8);
  printf("%d %s\n", status == WM_REFUSED, error.message);
  wm_instance_destroy(instance);
  wm_instance_destroy(base);
}
"""

flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(),
                  re.M)[1].split()
# No processor has both: one is AMD's, the other was Intel's alone for long.
lacks = [(cpu, feature) for cpu, flag, feature in (
    ("znver4", "sse4a", "sse4a"),
    ("sapphirerapids", "avx512_fp16", "avx512fp16"),
    ("x86-64-v4", "avx512f", "avx512f"), ("x86-64-v3", "avx2", "avx2"))
    if flag not in flags]
if not lacks:
    fail("this processor lacks nothing that could be asked for")
compile_module("base", MODULE)
for cpu, feature in lacks:
    compile_module("app", MODULE, "--cpu", cpu)
    for order in (["app.o", "base.o"], ["base.o", "app.o"]):
        found = must(c_host("host", HOST, *order)).decode()
        expect_in(f"1 compiled for {cpu}, this processor lacks", found, cpu)
        expect_in(f" {feature}", found, cpu)
    compile_to("program", MODULE, "--cpu", cpu)
    result = run("./program")
    expect(result.returncode, 1, "exit code")
    expect_in(f"wasmetal: compiled for {cpu}, this processor lacks",
              result.stderr.decode(), "message")

compile_module("app", MODULE, "--cpu", "native")
expect(must(c_host("host", HOST, "app.o", "base.o")), b"0 \n", "native")
