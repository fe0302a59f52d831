"""Where data segments are when a program starts, or a host's instance: in their
order, near each other, far apart, one over the other, at places that are known
and others; and that those out of bounds trap as ever."""
from firmware import *

MEMORY = 65536
# What the memory is to begin with: each segment over those before it.
CASES = {
    "near": [("(i32.const 4096)", 4096, b"seventeen bytes.."),
             ("(i32.const 4116)", 4116, b"aligned"),
             ("(i32.const 4123)", 4123, b"next")],
    "far": [("(i32.const 0)", 0, b"first"),
            ("(i32.const 65532)", 65532, b"last"),
            ("(i32.const 30000)", 30000, b"middle")],
    # The zeros between the second and the third are the first one's.
    "over": [("(i32.const 96)", 96, b"0123456789"),
             ("(i32.const 90)", 90, b"abcd"),
             ("(i32.const 102)", 102, b"ef"),
             ("(i32.const 91)", 91, b"B"),
             ("(i32.const 104)", 104, b"gh")],
    "computed": [("(i32.const 8)", 8, b"below"),
                 ("(i32.add (i32.const 4) (i32.const 6))", 10, b"between"),
                 ("(i32.const 12)", 12, b"above"),
                 ("(i32.const 20)", 20, b"beside")],
    "nothing": [("(i32.const 65536)", 65536, b""), ("(i32.const 1)", 1, b"x")],
}


def segments(rows):
    return "\n".join(f'(data {offset} "{text.decode()}")'
                     for offset, _, text in rows)


def contents(rows):
    memory = bytearray(MEMORY)
    for _, place, text in rows:
        memory[place:place + len(text)] = text
    return memory


def mix(memory):
    """What the guest makes of all bytes, so that zeros count."""
    value = 0
    for byte in memory:
        value = (value * 31 + byte) & 0xffffffff
    return value


MIX = """(func $mix (result i32) (local $i i32) (local $value i32)
    (loop
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 31))
        (i32.load8_u (local.get $i))))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 65536))))
    (local.get $value))"""

for name, rows in CASES.items():
    expected = mix(contents(rows))
    program = f"""(module ;; {name}
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory 1)
      {segments(rows)}
      (data "passive")
      {MIX}
      (func (export "_start")
        (call $exit (i32.ne (call $mix) (i32.const {expected})))))"""
    for board, strategy in [("mps2-an385", "check"), ("mps2-an386", "mpu"),
                            ("mps2-an505", "none")]:
        elf = image(board, program, "--memory", strategy, "-Os")
        expect(boot(board, elf), ("", "", 0), f"{name} on {board}")
    box = compile_to("box.o", f"""(module (memory 1) {segments(rows)} {MIX}
      (data $passive "passive") (export "mix" (func $mix))
      (func (export "again") (memory.init 0 (i32.const 0) (i32.const 0)
        (i32.const 1)))
      (func (export "more") (result i32)
        (memory.init $passive (i32.const 500) (i32.const 2) (i32.const 4))
        (i32.load (i32.const 500))))""", "--target", "cortex-m4", "-Os",
        "--header", "box.h")
    elf = link("mps2-an386", f"""#include "box.h"
int main(void) {{
  wm_instance *box;
  int32_t value;
  if (wm_instance_create(&box_module, 0, &box, 0))
    return 1;
  if (box_mix(box, &value) || (uint32_t)value != {expected}u)
    return 2;
  if (box_again(box) != WM_TRAPPED) /* active segments are dropped */
    return 3;
  return box_more(box, &value) || value != 0x76697373 ? 4 : 0; /* "ssiv" */
}}
""", [box])
    expect(boot("mps2-an386", elf), ("", "", 0), f"{name} in a host")

for last in ["(i32.const 65533)", "(i32.sub (i32.const 0) (i32.const 1))"]:
    elf = image("mps2-an386", f"""(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory 1)
      (data (i32.const 4) "in")
      (data {last} "beyond")
      (data (i32.const 8) "in")
      (func (export "_start") (call $exit (i32.const 3))))""", "-Os")
    output, errors, status = boot("mps2-an386", elf)
    expect((output, status), ("", 134), last)
    expect("wasmetal: trap: out of bounds memory access" in errors, True, errors)
