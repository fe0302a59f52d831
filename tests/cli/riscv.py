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

# No vectors, and nothing that a program cannot be told at start: sifive-p470
# has both.
for cpu in ["sifive-p470", "spacemit-x60", "veyron-v1"]:
    compile_to("sums.s", """(module (memory 1)
      (func (export "sum") (param i32 i32) (result i32)
        (v128.store (i32.const 32)
          (i32x4.add (v128.load (i32.const 0)) (i32x4.splat (local.get 0))))
        (select (i32.popcnt (local.get 0)) (i32.const 0) (local.get 1))))""",
               *RISCV, "--cpu", cpu)
    text = (SANDBOX / "sums.s").read_text()
    body = text.split('"sums:0:sum":')[1].split(".size")[0]
    for word in ["vset", "vt.mask"]:
        expect(word in body, False, f"{word} for {cpu} in {body}")

# QEMU 7.2 does not answer what the processor has beyond RV64GC.
compile_to("hello", HELLO, *RISCV)
expect(must(SANDBOX / "hello"), b"hello\n", "output")
compile_to("hello", HELLO, *RISCV, "--cpu", "sifive-p670")
result = run(SANDBOX / "hello", env=dict(os.environ, QEMU_CPU="rv64"))
expect_failure(result, 1, "zba", "sifive-p670")
