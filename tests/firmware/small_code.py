"""What -Os makes small: code of the benchmarks' programs compared with native
code, bytes for bytes, and where it takes constants from."""
import csv
import math

from firmware import *

# The mean over these programs of bytes over native bytes, at most.
MOST = {"none": 1.13, "check": 1.35}
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
