"""Every kind of trap ends the program on every board, with its message and exit
code 134, under each strategy that is exact; so does a stack that recursion or one large
frame exhausts."""
from firmware import *

# The kinds, chosen by the length of the program's argument, and what is said.
KINDS = [
    ("unreachable", "unreachable"),
    ("(drop (i32.load (i32.const 65533)))", "out of bounds memory access"),
    ("(i32.store8 (i32.const -1) (i32.const 0))",
     "out of bounds memory access"),
    ("(drop (i64.load offset=4294967295 (i32.const 1)))",
     "out of bounds memory access"),
    ("(f64.store (i32.const 65529) (f64.const 0))",
     "out of bounds memory access"),
    ("(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000))",
     "out of bounds memory access"),
    ("(drop (table.get $open (i32.const 3)))", "out of bounds table access"),
    ("(call_indirect $fixed (type $plain) (i32.const 9))", "undefined element"),
    ("(call_indirect $fixed (type $plain) (i32.const 1))", "uninitialized element"),
    ("(call_indirect $fixed (type $plain) (i32.const 0))",
     "indirect call type mismatch"),
    ("(call_indirect $open (type $plain) (i32.const 9))", "undefined element"),
    ("(call_indirect $open (type $plain) (i32.const 1))", "uninitialized element"),
    ("(call_indirect $open (type $plain) (i32.const 0))",
     "indirect call type mismatch"),
    ("(drop (i32.div_u (i32.const 1) (global.get $zero)))",
     "integer divide by zero"),
    ("(drop (i64.rem_s (i64.const 1) (i64.extend_i32_u (global.get $zero))))",
     "integer divide by zero"),
    ("(drop (i32.div_s (i32.const 0x80000000) "
     "(i32.sub (global.get $zero) (i32.const 1))))", "integer overflow"),
    ("(drop (i32.trunc_f64_s (f64.const 1e10)))", "integer overflow"),
    ("(drop (i64.trunc_f32_u (f32.div (f32.const 0) (f32.convert_i32_u "
     "(global.get $zero)))))", "invalid conversion to integer"),
    ("(drop (i32.atomic.load (i32.const 2)))", "unaligned atomic"),
    ("(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))",
     "expected shared memory"),
    ("(drop (call $recurse (i32.const 1)))", "call stack exhausted"),
]


def module():
    cases = "".join(f"(if (i32.eq (local.get $kind) (i32.const {i}))"
                    f" (then {code}))\n" for i, (code, _) in enumerate(KINDS))
    return f"""(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (type $plain (func))
  (memory 1)
  (global $zero (mut i32) (i32.const 0))
  (export "zero" (global $zero))
  (table $fixed 2 2 funcref)
  (table $open 3 3 funcref)
  (elem (table $fixed) (i32.const 0) func $recurse)
  (elem (table $open) (i32.const 0) func $recurse)
  (func $recurse (param i32) (result i32)
    (i32.add (i32.const 1)
      (call $recurse (i32.add (local.get 0) (i32.const 1)))))
  (func (export "write") (table.set $open (i32.const 0) (ref.null func)))
  (func (export "_start") (local $kind i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    ;; what arguments take, without their ends and the program's name
    (local.set $kind (i32.sub (i32.load (i32.const 4)) (i32.const 4)))
    {cases}))
"""


(SANDBOX / "traps.wat").write_text(module())
must("wat2wasm", "--enable-all", "traps.wat", "-o", "traps.wasm")
for board, strategy in [(board, strategy) for board in BOARDS
                        for strategy in ("check", "mpu")]:
    if BOARDS[board] == "cortex-m0" and strategy == "mpu":
        continue # it has no memory protection unit
    elf = image(board, SANDBOX / "traps.wasm", "--memory", strategy)
    for i, (code, message) in enumerate(KINDS):
        output, errors, status = boot(board, elf, "p", "x" * (i + 1))
        expect(status, 134, f"{board}: {code}: {output}{errors}")
        expect_in(f"wasmetal: trap: {message} at address 0x", errors,
                  f"{board}: {code}")

# A frame that steps over the end of the stack, and over all of memory where
# flash has room for the code: each local is one of 8 bytes, without
# optimisation.
for board, count in [("mps2-an385", 50000), ("mps2-an386", 50000),
                     ("mps2-an505", 50000), ("mps3-an547", 16000),
                     ("microbit", 2000)]:
    elf = image(board, f"""(module (memory 1)
      (func (export "_start") (local {"i64 " * count})
        (i64.store (i32.const 0) (local.get {count - 1}))))""", "-O0")
    output, errors, status = boot(board, elf)
    expect(status, 134, f"{board}: {count} locals: {output}{errors}")
    expect_in("wasmetal: trap: call stack exhausted", errors, board)
