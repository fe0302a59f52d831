"""A frame of 400 KB cannot jump over the guard of the stack: recursion with
it ends in a trap, at any optimisation."""
from harness import *

LOCALS = 49999 # with the parameter, as many as a function may have

lines = ["(module (global $g (mut i64) (i64.const 1))",
         " (func $next (result i64)",
         "  (global.set $g (i64.mul (global.get $g) (i64.const 25214903917)))",
         "  (global.get $g))",
         ' (func $deep (export "deep") (param $n i32) (result i64)',
         f"  (local {'i64 ' * LOCALS})"]
for index in range(1, LOCALS + 1):
    lines.append(f"  (local.set {index} (call $next))")
lines.append("  (if (local.get $n) (then (drop"
             " (call $deep (i32.sub (local.get $n) (i32.const 1))))))")
lines.append("  (i64.const 0)")
for index in range(1, LOCALS + 1):
    lines.append(f"  (i64.add (local.get {index}))")
lines.append("))")
(SANDBOX / "deep.wat").write_text("\n".join(lines))

for options in (["-O0"], ["-O1"]):
    common = ["run", *options, "--stack-size", "1MiB", "--invoke", "deep",
              "deep.wat"]
    must(WASMETAL, *common, "1")
    for depth in ("3", "1000"):
        expect_failure(wasmetal(*common, depth), 134,
                       "trap: call stack exhausted")
