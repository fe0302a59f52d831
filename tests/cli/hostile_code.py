"""Code built to exhaust a compiler: it is compiled or refused, in memory that
stays in proportion, and never ends the process by a signal."""
import resource

from harness import *

MEMORY_LIMIT = 3 << 30  # bytes of resident memory; the worst case uses 0.8 GB


def leb(n):
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def section(number, content):
    return bytes([number]) + leb(len(content)) + content


def module(body, local_runs=b"\0", functype=b"\x60\0\0"):
    """One function, exported as _start."""
    code = local_runs + body + b"\x0b"
    return (b"\0asm\1\0\0\0" + section(1, b"\1" + functype) +
            section(3, b"\1\0") + section(7, b"\1\6_start\0\0") +
            section(10, b"\1" + leb(len(code)) + code))


ONE_I32 = b"\1\1\x7f"
DEEP = 200_000
ACCEPTED = {
    "blocks": module(b"\x02\x40" * DEEP + b"\x0b" * DEEP),
    "loops": module(b"\x03\x40" * DEEP + b"\x0b" * DEEP),
    "ifs": module(b"\x41\1\x04\x40" * 50_000 + b"\x0b" * 50_000),
    "adds": module(b"\x41\1" * DEEP + b"\x6a" * (DEEP - 1) + b"\x1a"),
    "sums": module(b"\x20\0" + b"\x20\0\x6a" * DEEP + b"\x21\0", ONE_I32),
    "selects": module(b"\x41\1" + b"\x41\2\x20\0\x1b" * 100_000 + b"\x21\0",
                      ONE_I32),
    "targets": module(b"\x02\x40\x02\x40\x20\0\x0e" + leb(1_000_000) +
                      b"\0\1" * 500_000 + b"\0\x0b\x0b", ONE_I32),
    "locals": module(b"\1", b"\1" + leb(50_000) + b"\x7f"),
}
REFUSED = {
    "billions of locals": module(b"\1", b"\1" + leb(4_000_000_000) + b"\x7f"),
    "truncated": module(b"\x02\x40" * DEEP + b"\x0b" * DEEP)[:500],
    "unbalanced": module(b"\x02\x40" * DEEP),
}

for level in ("-O0", "-O2"):
    for name, content in ACCEPTED.items():
        (SANDBOX / "hostile.wasm").write_bytes(content)
        must(WASMETAL, level, "hostile.wasm", "-o", "hostile", timeout=120)
    for name, content in REFUSED.items():
        (SANDBOX / "hostile.wasm").write_bytes(content)
        (SANDBOX / "hostile").unlink(missing_ok=True)
        result = wasmetal(level, "hostile.wasm", "-o", "hostile", timeout=10)
        expect(result.returncode, 1, f"{name} at {level}")
        expect(result.stderr.count(b"\n"), 1, f"lines for {name}")
        expect((SANDBOX / "hostile").exists(), False, f"output of {name}")

used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
if used > MEMORY_LIMIT:
    fail(f"{used} bytes of memory for files of at most 1 MB")
