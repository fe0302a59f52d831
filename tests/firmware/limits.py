"""What a target or a board does not have is refused when compiling, in one line
with both values."""
import re

from firmware import *


def refused(text, message, *options, board="mps2-an386"):
    (SANDBOX / "refused.wat").write_text(text)
    target = BOARDS.get(board, "cortex-m4")
    result = wasmetal("refused.wat", "-o", "refused.elf", "--target", target,
                      *(["--board", board] if board else []), *options)
    expect(result.returncode, 1, message)
    expect(result.stderr.decode(), f"refused.wat: {message}\n", text)
    expect((SANDBOX / "refused.elf").exists(), False, "an output")


refused("(module (memory 16))",
        "memory 0 takes 1048576 bytes, the board has 131072 bytes of RAM; "
        "--memory-size and --max-memory limit it", board="netduinoplus2")
# It could be given all of it; a memory that nothing grows is not.
refused("(module (memory 1 200) (func (drop (memory.grow (i32.const 1)))))",
        "memory 0 takes 13107200 bytes, the board has 4194304 bytes of RAM; "
        "--memory-size and --max-memory limit it")
# What the runtime takes of it is no promise.
(SANDBOX / "large.wat").write_text("""(module
  (import "wasi_snapshot_preview1" "random_get"
    (func $fill (param i32 i32) (result i32)))
  (memory 2)
  (func (export "_start")
    (drop (call $fill (i32.const 0) (i32.const 131072)))))""")
result = wasmetal("large.wat", "-o", "large.elf", "--target", "cortex-m4",
                  "--board", "netduinoplus2")
expect(result.returncode, 1, "an image that does not fit")
if not re.fullmatch(r"large.wat: the image takes 13\d{4} bytes of ram, the board "
                    r"has 131072\n", result.stderr.decode()):
    fail(result.stderr.decode())
refused("(module (memory i64 1))",
        "cortex-m4 has 32-bit addresses, memory 0 takes 64-bit ones")
refused("(module (memory 1 1 shared))",
        "cortex-m4 has one thread, memory 0 is shared")
refused('(module (memory 1) (data (i32.const 4000) "abcdefgh"))',
        "data segment 0 ends at 4008, --memory-size gives 4000 bytes",
        "--memory-size", "4000")
refused('(module (memory 1) (global (export "__heap_base") i32 '
        "(i32.const 5000)))",
        "__heap_base ends at 5000, --memory-size gives 4096 bytes",
        "--memory-size", "4K")
refused("(module)", "cortex-m4 firmware needs a --board: mps2-an386, "
        "netduinoplus2, or the path of a .board file", board=None)
refused("(module)", "--board: unknown board 'moon' (mps2-an386, "
        "netduinoplus2, or the path of a .board file)", "--board", "moon")
refused("(module)", "--board: microbit is a cortex-m0, and --target says "
        "cortex-m4", "--board", "microbit")

# A board of one's own.
(SANDBOX / "own.board").write_text(
    "# half of another\ntarget cortex-m4\nflash 0 1M\nram 0x20000000 2M\n")
refused("(module (memory 64))",
        "memory 0 takes 4194304 bytes, the board has 2097152 bytes of RAM; "
        "--memory-size and --max-memory limit it", "--board", "./own.board")
elf = compile_to("own.elf", '(module (memory 1) (func (export "_start")))',
                 "--target", "cortex-m4", "--board", SANDBOX / "own.board")
expect(boot("mps2-an386", elf), ("", "", 0), "a board of one's own")

# Growth ends at the maximum, and memory grows in place.
elf = image("mps2-an386", """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 2)) (i32.const 1)) (then (unreachable)))
    (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
      (then (unreachable)))
    (i32.store (i32.const 196604) (memory.size))
    (call $exit (i32.load (i32.const 196604)))))""", "--max-memory", "192K")
expect(boot("mps2-an386", elf), ("", "", 3), "growth")
