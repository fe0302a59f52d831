"""Under guard, a trap is where the access is that faults, whatever instruction
the code generator has made of it and of what uses it."""
import re

from harness import *

# Each function stores first, which does not trap, and then traps at address $a.
BODIES = {
    "xor": "(i32.xor (local.get $c)"
           " (i32.load (i32.add (local.get $a) (i32.const 16))))",
    "add": "(i32.add (local.get $c)"
           " (i32.load (i32.mul (local.get $a) (i32.const 5))))",
    "sum": "(i32.trunc_sat_f64_s (f64.add (f64.convert_i32_s (local.get $c))"
           " (f64.load (i32.mul (local.get $a) (i32.const 4)))))",
    "lane": "(i32x4.extract_lane 0"
            " (v128.load (i32.add (local.get $a) (i32.const 16))))",
    "truncate": "(i32.trunc_sat_f64_u (f64.load offset=8 (local.get $a)))",
    "wrap": "(i32.wrap_i64 (i64.load offset=8 (local.get $a)))",
    "splat": "(i32x4.extract_lane 1 (i32x4.add (i32x4.splat (local.get $c))"
             " (i32x4.splat (i32.load offset=8 (local.get $a)))))",
    "update": "(i32.store offset=4 (local.get $a) (i32.add (i32.const 3)"
              " (i32.load offset=4 (local.get $a)))) (local.get $c)",
    "compare": "(i32.lt_u (local.get $c) (i32.load offset=4 (local.get $a)))",
    "select": "(select (local.get $c) (i32.load (local.get $a))"
              " (i32.load offset=4 (local.get $a)))",
}
(SANDBOX / "places.wat").write_text("(module (memory 1)" + "".join(
    f"""(func (export "{name}") (param $a i32) (param $b i32) (param $c i32)
      (result i32) (i32.store (local.get $b) (i32.const 7)) {body})"""
    for name, body in BODIES.items()) + ")")


def place(name, *options):
    trap = wasmetal("run", *options, "--invoke", name, "places.wat", "65536",
                    "0", "5")
    expect_failure(trap, 134, "out of bounds memory access")
    return re.search(rb"at offset (\S+)", trap.stderr)


for name in BODIES:
    expected = place(name, "--memory", "check", "-O0")
    for options in (["-O0"], ["-O1"], ["-O2"], ["-O3"], ["-O3", "-g"],
                    ["-O2", "--cpu", "x86-64-v3"]):
        found = place(name, "--memory", "guard", *options)
        expect(found and found[1], expected[1], f"{name}, {options}")
