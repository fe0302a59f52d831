"""The size of a memory that nothing grows is a constant, and its end is where it
was: to the byte, for one access and for two, wherever instructions have room for
limits."""
from harness import *

for pages in (1, 17, 300):
    size = pages << 16
    (SANDBOX / f"pages{pages}.wat").write_text(f"""(module
      (memory {pages})
      (func (export "load") (param i32) (result i32)
        (i32.add (i32.const 1) (i32.load (local.get 0))))
      (func (export "both") (param i32 i32) (result i32)
        (i32.store8 (local.get 0) (i32.const 5))
        (i32.load offset=8 (local.get 1)))
      (func (export "sum") (param i32 i32) (result i64) (local i64)
        (loop $next
          (local.set 2 (i64.add (local.get 2) (i64.load (local.get 0))))
          (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
          (br_if $next (i32.le_u (local.get 0) (local.get 1))))
        (local.get 2))
      (func (export "follow") (param i32) (result i32) (local i32 i32)
        (i32.store (i32.const 0) (local.get 0))
        (loop $next
          (local.set 1 (i32.load (local.get 1)))
          (local.set 2 (i32.add (local.get 2) (i32.const 1)))
          (br_if $next (local.get 1)))
        (local.get 2)))
    """)
    rounded = (size - 4) & (~0xffff if size > 1 << 24 else ~0xfff)
    calls = [("load", [at], 1 if at <= size - 4 else None)
             for at in (0, rounded - 1, rounded, rounded + 1, size - 4, size - 3,
                        size, 0xffffffff)]
    calls += [("both", [at, size - 12], 0) for at in (0, rounded, size - 13)]
    calls += [("both", [size - 12, size - 12], 0), ("both", [size, 0], None),
              ("both", [0, size - 11], None), ("both", [rounded, size], None),
              ("sum", [rounded - 4096, size - 8], 0),
              ("sum", [size - 4104, size - 8], 0),
              ("sum", [size - 4103, size - 8], 0),
              ("sum", [size - 4103, size - 7], None)]
    calls += [("follow", [at], 2 if at <= size - 4 else None)
              for at in (4, rounded, size - 4, size - 3, size, 0xffffffff)]
    for strategy in ("guard", "check"):
        for name, arguments, result in calls:
            what = f"{pages} pages, {strategy}: {name} {arguments}"
            found = wasmetal("run", "--memory", strategy, "--invoke", name,
                             f"pages{pages}.wat", *map(str, arguments))
            if result is None:
                expect_failure(found, 134, "out of bounds memory access")
            else:
                expect(found.stdout, b"%d\n" % result, what)
