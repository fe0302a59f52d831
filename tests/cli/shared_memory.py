"""What is loaded from a shared memory is loaded as often as the program says,
and where it says: another thread may write between two looks. Atomic accesses
are the processor's, under each strategy."""
import re

from harness import *

(SANDBOX / "app.wat").write_text(r"""(module
  (memory 1 2 shared)
  (table funcref (elem $plain $atomic $sum))
  (func $plain (param i32) (result i32)
    (drop (i32.load (local.get 0)))
    (local.set 0 (i32.load (local.get 0)))
    (i32.store (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2))
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))
  (func $atomic (param i32) (result i64)
    (i32.atomic.store16 (local.get 0) (i32.const 3))
    (drop (i64.atomic.rmw.or (local.get 0) (i64.const 0)))
    (drop (i32.atomic.rmw8.cmpxchg_u (local.get 0) (i32.const 0) (i32.const 1)))
    (i64.atomic.load32_u (local.get 0)))
  ;; A loop that may be run without checks where the memory is not shared.
  (func $sum (param i32) (result i32) (local $sum i32) (local $at i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (i32.load16_u (local.get $at))))
      (i32.store8 (local.get $at) (i32.const 7))
      (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get 0))))
    (local.get $sum)))
""")
for options in ("-O0", "-O2", "-O2 --traps relaxed", "-O2 --memory check",
                "-O2 --memory check --spectre", "-O2 --memory mask",
                "-O2 --memory none"):
    must(WASMETAL, "app.wat", "-o", "app.ll", *options.split())
    code = (SANDBOX / "app.ll").read_text()
    for pattern, count in [
            (r"load volatile i32, .* align 1\b", 4),
            (r"store volatile i32 \d, .* align 1\b", 2),
            (r"store atomic volatile i16 3, .* seq_cst, align 2\b", 1),
            (r"atomicrmw volatile or ptr .*, i64 0 seq_cst, align 8\b", 1),
            (r"cmpxchg volatile ptr .*, i8 0, i8 1 seq_cst seq_cst", 1),
            (r"load atomic volatile i32, .* seq_cst, align 4\b", 1)]:
        expect(len(re.findall(pattern, code)), count, f"{options}: {pattern}")
    loop = re.search(r'^define [^\n]*@"app:2:sum"\(.*?^}', code,
                     re.M | re.S)[0]
    expect_in("load volatile i16", loop, options)
    expect_in("store volatile i8 7", loop, options)
    for access in re.findall(r"(?:load|store)(?: volatile)? (?:i8|i16|<)",
                             loop):
        expect_in("volatile", access, f"{options}: a plain access")

for options in ("-O0", "-O2 --memory check"):
    must(WASMETAL, "app.wat", "-o", "app.o", *options.split())
    calls = must("nm", "-u", "app.o").decode()
    if "atomic" in calls:
        fail(f"{options}: a library's atomics: {calls}")
