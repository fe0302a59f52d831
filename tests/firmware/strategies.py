"""Each memory strategy gives what it promises on each board: an address beyond
the end wraps under `mask`, and traps under `check` and `mpu`; all of them run
programs."""
from firmware import *

# Stores beyond the end of memory, whose size is a power of two, by an address
# that the compiler does not know.
BEYOND = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (global $end (mut i32) (i32.const 0))
  (export "end" (global $end))
  (func (export "_start")
    (i32.store (i32.const 12) (i32.const 7))
    (if (global.get $end)
      (then (i32.store offset=12 (global.get $end) (i32.const 42))))
    (call $exit (i32.load (i32.const 12)))))
"""

for board in BOARDS:
    end = 4096 if board in SMALL else 65536
    beyond = BEYOND.replace("(mut i32) (i32.const 0)",
                            f"(mut i32) (i32.const {end})")
    exact = ["check"] if BOARDS[board] == "cortex-m0" else ["check", "mpu"]
    for strategy in [*exact, "mask", "none"]:
        elf = image(board, BEYOND, "-Os", "--memory", strategy)
        expect(boot(board, elf), ("", "", 7), f"{board}, {strategy}")
    elf = image(board, beyond, "-Os", "--memory", "mask")
    expect(boot(board, elf), ("", "", 42), f"{board}: wraps")
    for strategy in exact:
        elf = image(board, beyond, "-Os", "--memory", strategy)
        output, errors, status = boot(board, elf)
        expect(status, 134, f"{board}, {strategy}: {errors}")
        expect_in("wasmetal: trap: out of bounds memory access", errors, board)
