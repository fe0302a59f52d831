"""What guest code takes of the stack is compared with its end before: by the
function itself, or by all that call it, if these are known and there is no
recursion. Read from the code that was generated."""
import re

from firmware import *

SOURCE = """(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $fill (param i32 i32) (result i32)))
  (type $plain (func (param i32) (result i32)))
  (memory 1)
  ;; With fewer, each would be called by name.
  (table 6 6 funcref)
  (elem (i32.const 0) func $called $itself $even $odd $called $itself)
  (func $low (param i32) (result i32)
    (drop (call $fill (local.get 0) (i32.const 8)))
    (i32.add (call $yield) (i32.load (local.get 0))))
  (func $middle (param i32) (result i32)
    (i32.add (call $low (i32.load (local.get 0)))
      (call $low (i32.load offset=4 (local.get 0)))))
  (func $called (param i32) (result i32)
    (i32.mul (call $middle (local.get 0))
      (call $middle (i32.load offset=8 (local.get 0)))))
  (func $itself (param i32) (result i32)
    (i32.add (call $middle (local.get 0))
      (call $itself (i32.sub (call $low (local.get 0)) (i32.const 1)))))
  (func $even (param i32) (result i32)
    (i32.xor (call $low (local.get 0)) (call $odd (call $low (i32.const 8)))))
  (func $odd (param i32) (result i32)
    (i32.and (call $middle (local.get 0))
      (call $even (call $low (i32.const 4)))))
  (func (export "_start")
    (if (call $low (i32.const 0))
      (then (drop (call $even (call $itself (i32.const 0))))))
    (drop (call_indirect (type $plain) (i32.const 0)
      (call $low (i32.const 8))))))"""


class Code:
    """A function: the bytes of its frame, what it compares for, whom it calls."""

    def __init__(self, lines, limit):
        pushed = sum(len(registers(found)) * (8 if kind == "vpush" else 4)
                     for kind, found in
                     re.findall(r"\t(v?push)(?:\.w)?\t\{(.*?)\}", lines))
        self.frame = pushed + sum(
            int(size, 0) for size in re.findall(
                r"\tsub(?:\.w|w)?\tsp, (?:sp, )?#(\w+)", lines))
        # Of a prologue; a loop that begins the function comes behind it.
        compared = re.match(r".*?movw\tr12, #(\w+)\n.*?movt\tr12, #(\w+)\n"
                            r".*?cmp\tsp, r12\n", lines)
        self.compares = compared and (
            int(compared[1], 0) | int(compared[2], 0) << 16) - limit
        # Behind a prologue, with 256 bytes left.
        called = re.match(r"(?:.*\t(?!b)\S+\t.*\n)+?"
                          r".*\tbl\t\w+ <wm_stack_check>", lines)
        if called:
            self.compares = self.frame + 256
        self.calls = bool(called)
        self.callees = set(re.findall(r"\tb(?:l|\.w)?\t\w+ <(\w+:\d+:\w+|"
                                      r"\w+:import:\d+)>", lines))


def registers(text):
    found = []
    for part in text.split(", "):
        first, _, last = part.partition("-")
        found += [part] if not last else range(int(first[1:]), int(last[1:]) + 1)
    return found


def check(level):
    elf = compile_to("stack.elf", SOURCE, "--target", "cortex-m4", "--board",
                     "mps2-an386", f"-O{level}")
    symbols = must("llvm-nm-22", elf).decode()
    limit = int(re.search(r"^(\w+) . __stack_limit$", symbols, re.M)[1], 16)
    text = must("llvm-objdump-22", "-d", "--no-show-raw-insn", elf).decode()
    functions = {
        name: Code(lines, limit) for name, lines in
        re.findall(r"^\w+ <(\w+:(?:\d+:\w+|import:\d+))>:\n(.*?)(?:\n\n|\Z)",
                   text, re.M | re.S)}

    def need(name, callers=()):
        """What a call may take before somebody compares."""
        code = functions[name]
        if code.compares is not None and callers:
            return 0
        if name in callers:
            fail(f"-O{level}: recursion without a comparison: {callers}")
        return code.frame + max((need(callee, (*callers, name))
                                 for callee in code.callees), default=0)

    covered = 0
    for name, code in functions.items():
        if code.compares is None:
            covered += bool(code.frame)
        elif code.compares < need(name):
            fail(f"-O{level}: {name} compares for {code.compares} bytes, and "
                 f"needs {need(name)}")
    expect(any(code.calls for code in functions.values()), level in "sz",
           f"-O{level}: calls that compare")
    names = {name.split(":")[-1] for name, code in functions.items()
             if code.compares is not None}
    # A pointer, recursion, and what the runtime calls.
    for name in {"called", "_start"}:
        expect(name in names, True, f"-O{level}: {name} compares: {names}")
    if level != "0":
        expect(covered > 0, True, f"-O{level}: functions that callers cover")


for level in ["0", "1", "2", "s", "z"]:
    check(level)
