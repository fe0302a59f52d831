"""What -Os makes small: code of the benchmarks' programs compared with native
code, bytes for bytes, and where it takes constants from."""
import csv
import math
import re

from firmware import *

# The mean over these programs of bytes over native bytes, at most.
MOST = {"none": 1.00, "check": 1.09}
PROGRAMS = "kalman,maze,sha256,tree"

figures = SANDBOX / "figures.csv"
must(ROOT / "benchmarks" / "embedded" / "run", "--boards", "mps2-an386",
     "--level", "s", "--strategies", ",".join(MOST), "--only", PROGRAMS,
     "--csv", figures, env={**os.environ, "WASMETAL": str(WASMETAL)})
texts = {(row["program"], row["way"]): int(row["text"])
         for row in csv.DictReader(figures.open())}
for strategy, most in MOST.items():
    ratios = [texts[program, strategy] / texts[program, "native"]
              for program in PROGRAMS.split(",")]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"{strategy}: {mean:.3f} of native's bytes")
    if mean > most:
        fail(f"{strategy}: {mean:.3f} of native's bytes, more than {most}: "
             f"{texts}")

# The place of memory is one constant behind the function's code.
SOURCE = """(module
  (memory 1)
  (func (export "_start")
    (loop
      (i32.store (i32.load (i32.const 4000)) (i32.const 305419896))
      (br_if 0 (i32.load (i32.const 8000))))))"""
elf = compile_to("constants.elf", SOURCE, "--target", "cortex-m4", "--board",
                 "mps2-an386", "-Os")
text = must("llvm-objdump-22", "-d", "--no-show-raw-insn", elf).decode()
start = text[text.index(":_start>:"):].split("\n\n")[0]
expect("\tmovt\t" in start, False, "a constant in two halves: " + start)

# Of what is kept over calls, the place of memory is needed most: it is where
# instructions of 16 bits have room for it.
SOURCE = """(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory 1)
  (func (export "_start")
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $e i32)
    (loop
      (drop (call $yield))
      (local.set $a (i32.load (local.get $a)))
      (local.set $b (i32.load (i32.add (local.get $b) (local.get $a))))
      (local.set $c (i32.load (i32.add (local.get $c) (local.get $b))))
      (local.set $d (i32.load (i32.add (local.get $d) (local.get $c))))
      (local.set $e (i32.load (i32.add (local.get $e) (local.get $d))))
      (i32.store (local.get $a) (local.get $e))
      (i32.store (local.get $b) (local.get $a))
      (br_if 0 (local.get $e)))))"""
for strategy in ["none", "check"]:
    elf = compile_to(f"low-{strategy}.elf", SOURCE, "--target", "cortex-m4",
                     "--board", "mps2-an386", "-Os", "--memory", strategy)
    text = must("llvm-objdump-22", "-d", "--no-show-raw-insn", elf).decode()
    start = text[text.index(":_start>:"):].split("\n\n")[0]
    place, = re.findall(r"\tldr(?:\.w)?\t(r\d+), \[pc", start)
    expect(place in ("r4", "r5", "r6", "r7"), True, f"{strategy}: {start}")
    expect(boot("mps2-an386", elf), ("", "", 0), strategy)

# A program's start begins with the values of globals, so that where its stack is
# needs no check; unless something runs before it, or it runs again. What a
# global was set to it has after a call of WASI, and not after one of the guest's.
def first(name, start, more=""):
    return image("mps2-an386", f"""(module ;; {name}
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (memory 1)
      (global $stack (mut i32) (i32.const 4096))
      {more}
      (func $start (export "_start") (local $frame i32)
        {start}
        (i32.store (local.get $frame) (i32.const 1))
        (call $exit (i32.sub (global.get $stack) (local.get $frame)))))""",
                 "-Os")


def checks(elf):
    text = must("llvm-objdump-22", "-d", "--no-show-raw-insn", elf).decode()
    return "<wm_trap_memory_bounds>" in re.split(r"\n\w+ <\w+:start>:", text)[0]


FRAME = """(local.set $frame (i32.sub (global.get $stack) (i32.const 32)))
        (global.set $stack (i32.add (global.get $stack) (i32.const 10)))"""
for name, code, more, has_checks, status in [
        ("first", FRAME, "", False, 42),
        ("after start", FRAME, "(start $init) (func $init (global.set $stack "
         "(i32.const 8192)))", True, 42),
        ("after _initialize", FRAME, '(func (export "_initialize") '
         "(global.set $stack (i32.const 8192)))", True, 42),
        ("after WASI", "(global.set $stack (i32.const 8192)) (drop (call "
         "$yield))" + FRAME, "", False, 42),
        ("after WASI and a call", "(global.set $stack (i32.const 8192)) (drop "
         "(call $yield)) (call $more)" + FRAME, "(func $more (if (i32.eqz "
         "(i32.load (i32.const 0))) (then (global.set $stack (i32.load "
         "(i32.const 4))))) (i32.store (i32.const 0) (call $yield)) (if "
         "(i32.eqz (global.get $stack)) (then (global.set $stack (i32.const "
         "4096)))))", True, 42),
        ("after a call", "(call $more)" + FRAME, "(func $more (if (i32.eqz "
         "(i32.load (i32.const 0))) (then (global.set $stack (i32.const "
         "8192)))))", True, 42),
        ("again", FRAME + "(if (i32.lt_u (global.get $stack) (i32.const 4130)) "
         "(then (call $start)))", "", True, 42),
        ("in a loop", "(loop (local.set $frame (global.get $stack)) (global.set "
         "$stack (i32.add (global.get $stack) (i32.const 7))) (br_if 0 "
         "(i32.lt_u (global.get $stack) (i32.const 4200))))", "", True, 7)]:
    elf = first(name, code, more)
    expect((name, checks(elf)), (name, has_checks), "checks")
    expect(boot("mps2-an386", elf), ("", "", status), name)
