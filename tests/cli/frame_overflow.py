"""A frame of 400 KB cannot jump over the guard of the stack: recursion with
it ends in a trap. Likewise a large frame of optimised code."""
from harness import *


def module(count):
    """A function whose locals all live across its recursion. Loads keep their
    place: no optimisation computes the locals anew."""
    lines = ['(module (memory 1) (func $deep (export "deep") (param $n i32)',
             f" (result i64) (local {'i64 ' * count})"]
    for index in range(1, count + 1):
        lines.append(f"  (local.set {index} (i64.load (i32.const {index})))")
    lines.append("  (if (local.get $n) (then (drop"
                 " (call $deep (i32.sub (local.get $n) (i32.const 1))))))")
    lines.append("  (i64.const 0)")
    for index in range(1, count + 1):
        lines.append(f"  (i64.add (local.get {index}))")
    return "\n".join(lines) + "))"


# With the parameter, as many locals as a function may have.
for option, count, stack in (("-O0", 49999, "1MiB"), ("-O1", 16000, "320KiB")):
    (SANDBOX / "deep.wat").write_text(module(count))
    common = ["run", option, "--stack-size", stack, "--invoke", "deep",
              "deep.wat"]
    must(WASMETAL, *common, "1")
    for depth in ("3", "1000"):
        expect_failure(wasmetal(*common, depth), 134,
                       "trap: call stack exhausted")
