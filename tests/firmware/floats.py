"""Processors without a floating-point unit, or with one that nobody may use:
code has none of its instructions, passes values in other registers, and
computes the same."""
import re

from firmware import *

# Exits with 256 - 100 * (2.25 + sqrt(9) / 4), in 8 bits.
PROGRAM = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (data (i32.const 0) "\\00\\00\\10\\40")
  (func $scale (param f32 f64) (result f64)
    (f64.mul (f64.const 100)
      (f64.add (f64.promote_f32 (local.get 0)) (local.get 1))))
  (func (export "_start")
    (call $exit (i32.sub (i32.const 256) (i32.trunc_f64_s (call $scale
      (f32.load (i32.const 0))
      (f64.div (f64.sqrt (f64.const 9)) (f64.const 4))))))))
"""
# Instructions that the unit alone has.
EXIT = (256 - 300) & 255
UNIT = re.compile(r"\tv(mov|add|mul|div|sqrt|cvt|cmp|ldr|str|push|pop)\b")

BOX = """(module
  (memory 1)
  (func (export "mix") (param f32 f64 i32) (result f64)
    (f64.add (f64.promote_f32 (local.get 0))
      (f64.mul (local.get 1) (f64.convert_i32_s (local.get 2))))))
"""
HOST = r"""
#include "box.h"

int main(void) {
  wm_instance *box;
  double result;
  if (wm_instance_create(&box_module, 0, &box, 0) != WM_OK)
    return 1;
  if (box_mix(box, 1.5f, 2.5, -3, &result) != WM_OK)
    return 2;
  return result == -6 ? 0 : 3;
}
"""


def uses_unit(elf, processor):
    return bool(UNIT.search(must("llvm-objdump-22", "-d",
                                 f"--mcpu={processor}", elf).decode()))


for target, board in (("cortex-m4", "mps2-an386"), ("cortex-m7", "mps2-an500"),
                      ("cortex-m33", "mps2-an505")):
    for name, has_unit in ((target, True), (f"{target}-nofp", False)):
        elf = compile_to(f"{name}.elf", PROGRAM, "--target", name, "--board",
                         board)
        expect(uses_unit(elf, target), has_unit, f"{name}: instructions of the unit")
        expect(boot(board, elf), ("", "", EXIT), name)
    compile_to("box.o", BOX, "--target", f"{target}-nofp", "--header", "box.h")
    elf = link(board, HOST, [SANDBOX / "box.o"], target=f"{target}-nofp")
    expect(uses_unit(elf, target), False, f"{target}-nofp: a host's image")
    expect(boot(board, elf), ("", "", 0), f"{target}-nofp: a host")

# A board that has such a processor only is described by a file.
(SANDBOX / "plus.board").write_text(
    (ROOT / "ports/cortex_m/boards/microbit.board").read_text().replace(
        "cortex-m0", "cortex-m0plus"))
elf = compile_to("plus.elf", PROGRAM, "--target", "cortex-m0plus", "--board",
                 SANDBOX / "plus.board", *SMALL["microbit"])
expect(boot("microbit", elf), ("", "", EXIT), "cortex-m0plus")
(SANDBOX / "box.wat").write_text(BOX)
expect_failure(wasmetal("box.wat", "-o", "box.elf", "--target",
                        "cortex-m0plus"),
               1, "cortex-m0plus firmware needs a --board: the path of a "
               ".board file")
