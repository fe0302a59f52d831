"""RISC-V: what it does not have is refused, by the compiler or at start."""

from harness import *

RISCV = ["--target", "riscv64-linux"]

JUMPS = """(module
  (func $next (param i32) (result i32) (local.get 0))
  (func (export "jump") (param i32) (result i32)
    (return_call $next (local.get 0))))
"""
(SANDBOX / "jumps.wat").write_text(JUMPS)
result = wasmetal("jumps.wat", "-o", "jumps.o", *RISCV)
expect_failure(result, 1, "jumps.wat", "tail call", "riscv64-linux")
expect((SANDBOX / "jumps.o").exists(), False, "an object is left")

# Unaligned accesses are single instructions.
compile_to("loads.s", """(module (memory 1)
  (func (export "load") (param i32) (result i64)
    (i64.load align=1 (local.get 0))))""", *RISCV)
text = (SANDBOX / "loads.s").read_text()
body = text.split('"loads:0:load":')[1].split(".size")[0]
expect(body.count("\tld\t"), 1, f"loads of eight bytes in {body}")
expect(body.count("\tlb"), 0, f"loads of bytes in {body}")

# QEMU 7.2 does not answer what the processor has beyond RV64GC.
compile_to("hello", HELLO, *RISCV)
expect(must(SANDBOX / "hello"), b"hello\n", "output")
compile_to("hello", HELLO, *RISCV, "--cpu", "sifive-p670")
result = run(SANDBOX / "hello", env=dict(os.environ, QEMU_CPU="rv64"))
expect_failure(result, 1, "zba", "sifive-p670")
