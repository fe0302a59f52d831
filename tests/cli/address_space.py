"""Where address space is short, a program that reserves it does not start and
says what would; explicit checks run in little."""
import resource

from harness import *

LIMIT = 64 << 20


def run_limited(program):
    return subprocess.run(
        [program], capture_output=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS,
                                              (LIMIT, LIMIT)))


guard = compile_to("guard", HELLO)
expect(must(guard), b"hello\n", "without a limit")
expect_failure(run_limited(guard), 1, "wasmetal: cannot reserve 8192 MiB of "
               "address space; --memory check needs less\n")

# The memory may grow to 4 GiB by its type: it gets what there is.
check = compile_to("check", HELLO, "--memory", "check")
expect(run_limited(check).stdout, b"hello\n", "with explicit checks")
