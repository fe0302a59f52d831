"""wasmetal run --invoke: values in, each result on its line."""
from harness import *

(SANDBOX / "add.wat").write_text(r"""(module
  (global $state (mut i32) (i32.const 1))
  (func (export "_initialize") (global.set $state (i32.const 100)))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "state") (result i32) (global.get $state))
  (func (export "swap") (param i64 f64) (result f64 i64)
    (local.get 1) (local.get 0))
  (func (export "none"))
  (func (export "half") (param f32) (result f32)
    (f32.mul (local.get 0) (f32.const 0.5)))
  (func (export "reverse") (param v128) (result v128)
    (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0
      (local.get 0) (local.get 0)))
  (func (export "crash") unreachable))
""")

for arguments, expected in [
    (["add", "add.wat", "10", "5"], b"15\n"),
    (["add", "add.wat", "-3", "0x10"], b"13\n"),
    (["add", "add.wat", "2147483647", "1"], b"-2147483648\n"),
    (["state", "add.wat"], b"100\n"),
    (["swap", "add.wat", "-9223372036854775808", "0.1"],
     b"0.1\n-9223372036854775808\n"),
    (["none", "add.wat"], b""),
    (["half", "add.wat", "3"], b"1.5\n"),
    (["reverse", "add.wat", "0x102030405060708090a0b0c0d0e0fff"],
     b"0xff0f0e0d0c0b0a090807060504030201\n"),
]:
    expect(must(WASMETAL, "run", "--invoke", *arguments), expected,
           str(arguments))

for arguments, code, part in [
    (["add", "add.wat", "10"], 2, "2 arguments"),
    (["add", "add.wat", "10", "x"], 2, "expected i32"),
    (["add", "add.wat", "10", "4294967296"], 2, "expected i32"),
    (["reverse", "add.wat", "12"], 2, "expected v128"),
    (["reverse", "add.wat", "0x" + "0" * 33], 2, "expected v128"),
    (["missing", "add.wat"], 2, "missing"),
    (["crash", "add.wat"], 134, "trap: unreachable"),
]:
    expect_failure(wasmetal("run", "--invoke", *arguments), code, part)
