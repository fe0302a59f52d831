"""What a trap's message says leads to the place: its address is in the function
that trapped, and line tables have the offset of the instruction, where the trap
has a place of its own. Exceptions are caught in programs, too."""
import re

from firmware import *

TRAP = """(module
  (memory 1)
  (global $g (export "g") (mut i32) (i32.const 70000))
  (func (export "_start")
    (drop (i32.load (global.get $g)))
    (global.set $g (i32.const 5))
    (i32.store (i32.const 4) (i32.div_u (i32.const 1) (global.get $g)))))
"""

for board, level, memory in (
        ("mps2-an386", "0", "check"), ("mps2-an386", "2", "check"),
        ("mps2-an386", "s", "check"), ("mps2-an386", "2", "mpu"),
        ("mps2-an505", "2", "check"), ("microbit", "0", "check"),
        ("microbit", "2", "check")):
    what = f"{board}, -O{level}, {memory}"
    elf = image(board, TRAP, f"-O{level}", "--memory", memory)
    errors = boot(board, elf)[1]
    found = re.fullmatch(r"wasmetal: trap: out of bounds memory access at "
                         r"address (0x\w+)\n", errors)
    if not found:
        fail(f"{what}: {errors!r}")
    address = int(found[1], 0)
    begin, size = (int(number, 16) for number in re.search(
        r"^(\w+) (\w+) \w \S+:0:_start$",
        must("llvm-nm-22", "-S", elf).decode(), re.M).groups())
    if not begin & ~1 <= address < (begin & ~1) + size:
        fail(f"{what}: {address:#x} is not in _start, {begin:#x} + {size:#x}")
    if level != "s":
        line = must("llvm-addr2line-22", "-e", elf, hex(address)).decode()
        offset = int(line.strip().split(":")[-1])
        (SANDBOX / "trap.wat").write_text(TRAP)
        must("wat2wasm", "trap.wat", "-o", "trap.wasm")
        code = (SANDBOX / "trap.wasm").read_bytes()
        expect(code[offset], 0x28, f"{what}: i32.load at {offset}")

CATCH = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (tag $e (param i32))
  (global $sum (mut i32) (i32.const 0))
  (func $throw (param i32)
    (if (local.get 0) (then (throw $e (local.get 0)))))
  (func (export "_start") (local $i i32)
    (local.set $i (i32.const 9))
    (loop
      (try
        (do (call $throw (local.get $i)))
        (catch $e (global.set $sum (i32.add (global.get $sum)))))
      (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (call $exit (global.get $sum))))
"""
for board in ("mps2-an386", "microbit"):
    for level in ("-O0", "-Os"):
        expect(boot(board, image(board, CATCH, level)), ("", "", 45),
               f"{board}, {level}: exceptions")
