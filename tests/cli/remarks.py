"""--remarks says on standard error what became of each loop that accesses
memory, and changes nothing else."""
import re

from harness import *

(SANDBOX / "loops.wat").write_text("""(module
  (memory (export "memory") 1)
  (func $fill (export "fill") (param $end i32) (local $i i32)
    (loop $again
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $end))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $end)))))
  (func $follow (export "follow") (param $i i32) (result i32)
    (loop $again
      (local.set $i (i32.load (local.get $i)))
      (br_if $again (i32.load offset=4 (local.get $i))))
    (local.get $i))
  (func $search (export "search") (param $i i32) (result i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.load8_u (local.get $i))))
    (local.get $i)))
""")
plain = wasmetal("loops.wat", "-o", "plain.o")
expect((plain.returncode, plain.stderr), (0, b""), "without remarks")
result = wasmetal("loops.wat", "-o", "remarked.o", "--remarks")
expect((result.returncode, result.stdout), (0, b""), "with remarks")
lines = result.stderr.decode().splitlines()
expect([re.sub("0x[0-9a-f]+", "PLACE", line) for line in lines],
       ["wasmetal: 0:fill at PLACE, depth 1: versioned",
        "wasmetal: 1:follow at PLACE, depth 1: not versioned: "
        "2 of 2 accesses are not described",
        "wasmetal: 2:search at PLACE, depth 1: not versioned: "
        "1 of 1 accesses are not described"], "the remarks")
strips = wasmetal("loops.wat", "-o", "strips.o", "-O3", "--remarks")
expect(re.findall(rb"2:search at 0x\w+, depth 1: (.*)", strips.stderr)[-1:],
       [b"in strips"], "what becomes of a search at -O3")
expect((SANDBOX / "remarked.o").read_bytes()
       == (SANDBOX / "plain.o").read_bytes(), True, "the same output")
