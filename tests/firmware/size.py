"""`size` says what a box takes of an image, and what the rest does: all that there
is, each byte once."""
import re

from firmware import *

elf = compile_to("sizes.elf", """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory 1)
  (global $count (mut i32) (i32.const 3))
  (data (i32.const 65000) "0123456789")
  (func (export "_start")
    (loop
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
        (i32.const 32)))
      (global.set $count (i32.sub (global.get $count) (i32.const 1)))
      (br_if 0 (global.get $count)))))""", "--target", "cortex-m4", "--board",
    "mps2-an386", "-Os", "--stack-size", "3K")
rows = {name.strip(): (int(flash), int(ram)) for name, flash, ram in re.findall(
    r"^(.+?) +(\d+) +(\d+)$", must(WASMETAL, "size", elf).decode(), re.M)}
sections = {name: int(size, 16) for name, size in re.findall(
    r" \.(\w+) +(\w+) ", must("llvm-objdump-22", "-h", elf).decode())}
symbols = {name: int(value, 16) for value, name in re.findall(
    r"^(\w+) \w (\S+)$", must("llvm-nm-22", elf).decode(), re.M)}

expect(rows["all"], (sections["text"] + sections["data"],
                     sections["bss"] + sections["data"] + sections["arena"] +
                     sections["stack"]), "all")
expect(rows["linear memory"], (0, 65536), "linear memory")
expect(rows["stack"], (0, 3072), "the stack")
code = symbols["__stop_wm_text"] - symbols["__start_wm_text"]
flash, ram = rows["sizes"]
# Its code but for what aligns it, and its data.
if not code - 8 < flash < code + 32:
    fail(f"{flash} bytes of flash, of which {code} are code")
expect(ram, 4, "RAM of a global")
if not 500 < rows["runtime, and any host"][0] <= 4096:
    fail(f"the runtime: {rows}")
for name in range(2):
    expect(sum(row[name] for key, row in rows.items() if key != "all"),
           rows["all"][name], "the sum")

expect_failure(wasmetal("size", WASMETAL), 1, "no firmware image: expected ELF",
               "found 3 and 62")
(SANDBOX / "text.elf").write_text("no image")
expect_failure(wasmetal("size", "text.elf"), 1, "text.elf: ")
must("llvm-strip-22", elf)
expect_failure(wasmetal("size", elf), 1, "the image has no symbols")
expect_failure(wasmetal("size"), 2, "no input file")

# Constructors make the section of code writable, which stays in flash.
compile_to("box.o", """(module (memory 1)
  (func (export "get") (param i32) (result i32) (i32.load (local.get 0))))""",
           "--target", "cortex-m4", "-Os", "--header", "box.h")
elf = link("mps2-an386", """
#include "box.h"
struct Constructed {
  Constructed(int32_t value) : value(value) {}
  int32_t value;
};
volatile int32_t initial = 1;
Constructed constructed(initial);
extern "C" int main() {
  wm_instance *box;
  int32_t value;
  return wm_instance_create(&box_module, nullptr, &box, nullptr) ||
         box_get(box, constructed.value, &value);
}
""", [SANDBOX / "box.o"], language="c++")
rows = {name.strip(): (int(flash), int(ram)) for name, flash, ram in re.findall(
    r"^(.+?) +(\d+) +(\d+)$", must(WASMETAL, "size", elf).decode(), re.M)}
if not 40 < rows["box"][0] < 1024 or not rows["runtime, and any host"][1] < 2048:
    fail(f"an image with constructors: {rows}")
