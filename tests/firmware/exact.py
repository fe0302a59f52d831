"""Random nests of loops, built to defeat the tests that stand before copies
without checks (tests/exact), do on a board what they do there without
optimisation: result, trap, and what memory holds then."""
import re

from firmware import *

BOARD = "mps2-an386"
# All have the same memory, of 32-bit addresses: boards have no others.
PROGRAMS, BATCH = 48, 16

HOST = r"""
#include "box.h"

static void print(const char *text) {
  register int operation __asm__("r0") = 4;
  register const char *what __asm__("r1") = text;
  __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(what) : "memory");
}
static void printNumber(uint64_t value) {
  char text[18] = "                ";
  for (int i = 15; i >= 0; --i, value >>= 4)
    text[i] = "0123456789abcdef"[value & 15];
  print(text);
}

typedef wm_status Run(wm_instance *, int32_t, int32_t, int32_t, int64_t,
                      int64_t *);
static const struct {
  Run *run;
  uint32_t a, b, c;
  uint64_t d;
} runs[] = {
    RUNS};

int main(void) {
  wm_instance *box;
  if (wm_instance_create(&box_module, 0, &box, 0) != WM_OK)
    return 1;
  for (unsigned i = 0; i < sizeof runs / sizeof *runs; ++i) {
    box_init(box);
    int64_t result = 0;
    wm_status status = runs[i].run(box, (int32_t)runs[i].a, (int32_t)runs[i].b,
                                   (int32_t)runs[i].c, (int64_t)runs[i].d,
                                   &result);
    if (status != WM_OK)
      result = status << 8 | wm_last_error(box)->trap;
    const uint8_t *bytes = wm_memory_data(wm_instance_memory(box, 0));
    uint64_t size = wm_memory_size(wm_instance_memory(box, 0)), hash = size;
    for (uint64_t place = 0; place < size; place += 4)
      hash = (hash ^ *(const uint32_t *)(bytes + place)) * 0x9e3779b97f4a7c15;
    print(status == WM_OK ? "result " : "trap   ");
    printNumber((uint64_t)result);
    print(", memory ");
    printNumber(hash);
    print("\n");
  }
  return 0;
}
"""

generator = pathlib.Path(WASMETAL).with_name("exact")
trapped = 0
for start in range(0, PROGRAMS, BATCH):
    text = must(generator, "--kind", "nests", "--print", "--start", start,
                "--count", BATCH, "--batch", BATCH).decode()
    inputs = re.findall(r"^;; (\d+): (.*)$", text, flags=re.M)
    # Boards have one thread.
    source = re.sub(r"(\(memory .*) shared\)", r"\1)", text)
    rows = ",\n".join(f"{{box_run_{int(index) - start}, {', '.join(words.split())}}}"
                      for index, words in inputs)
    outputs = {}
    for level in ["-O0", "-O2", "-O3", "-Os"]:
        module = compile_to("box.o", source, "--target", BOARDS[BOARD], level,
                            "--name", "box", "--header", "box.h")
        elf = link(BOARD, HOST.replace("RUNS", rows), [module], stack=65536)
        output, errors, status = boot(BOARD, elf)
        expect(status, 0, f"{level}, programs from {start}: {errors}")
        outputs[level] = output.splitlines()
    expect(len(outputs["-O0"]), len(inputs), "runs")
    for level, has_copies in [("-O2", True), ("-O3", True), ("-Os", False)]:
        ir = compile_to("box.ll", source, "--target", BOARDS[BOARD], level)
        expect("in.bounds" in ir.read_text(), has_copies, f"{level}: copies")
    for level in ["-O2", "-O3", "-Os"]:
        for run, wanted, found in zip(inputs, outputs["-O0"], outputs[level]):
            expect(found, wanted, f"{level}: program {run[0]} with {run[1]}")
    trapped += sum(line.startswith("trap") for line in outputs["-O0"])
if trapped < 20:
    fail(f"only {trapped} runs trapped")
