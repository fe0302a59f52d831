"""An executable that counts fuel has what it was compiled with, or what its
environment says; where none is counted, a limit is refused."""
from harness import *

LOOP = """(module
  (func (export "_start") (local i32)
    (local.set 0 (i32.const 100))
    (loop
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"""

# Two instructions, then five for each iteration. The last look is at the
# beginning of the last one.
needed = 2 + 5 * 99
app = compile_to("app", LOOP, "--fuel", str(needed))
short = compile_to("short", LOOP, "--fuel", "1")
plain = compile_to("plain", LOOP)


def start(program, fuel=None):
    return run(program, env={} if fuel is None else {"WASMETAL_FUEL": fuel})


OUT = "wasmetal: trap: out of fuel in function 0"
for program, fuel, is_enough in [
    (app, None, True), (short, None, False),
    (app, str(needed), True), (short, str(needed), True),
    (app, str(needed - 1), False), (short, str(needed - 1), False),
    (app, "1", False), (app, str(2**63 - 1), True),
]:
    result = start(program, fuel)
    if is_enough:
        expect((result.returncode, result.stderr), (0, b""), f"with {fuel}")
    else:
        expect_failure(result, 134, OUT)
for fuel in ("", "0", "-1", "1x", " 1", str(2**63), "9" * 40):
    expect_failure(start(app, fuel), 2, "WASMETAL_FUEL: expected a number")
expect_failure(start(plain, "1000"), 2, "compiled with --fuel")
expect(start(plain).returncode, 0, "without fuel")
