"""--time-passes reports on standard error and changes nothing else."""
from harness import *

plain = compile_to("plain", HELLO)
result = wasmetal(SANDBOX / "plain.wat", "-o", "timed", "--time-passes")
expect(result.returncode, 0, "exit code")
expect(result.stdout, b"", "standard output")
if not result.stderr.strip():
    fail("no report on standard error")
expect((SANDBOX / "timed").read_bytes() == plain.read_bytes(), True,
       "the same output with --time-passes")
