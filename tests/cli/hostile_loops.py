"""What bounds versioning knows of a loop is found out in bounded work: ways that
branch and meet again, sums of products, many loops in a row. Each takes a second
or two; unbounded, minutes to hours."""
from harness import *


def merges(levels, ways):
    """A variable that goes through merges, each of two values before."""
    text = """(module (memory 1 1)
      (func (export "f") (param $c i32) (param $t i32)
      (local $i i32) (local $k i32) (local $m i32) (local $n i32)
      (local $x i32)
      (loop $l
        (i32.store8 (local.get $k) (local.get $i))
        (local.set $m (local.get $k))
        (local.set $n (i32.add (local.get $k) (i32.const 1)))"""
    for level in range(levels):
        blocks = [f"$b{way}" for way in range(ways)]
        text += "(block $out" + "".join(f"(block {b} " for b in blocks)
        text += (f"(br_table {' '.join(blocks)} $out "
                 f"(i32.load8_u offset={level} (local.get $c)))")
        for way in reversed(range(ways)):
            text += (f") (i32.store8 offset={100 + way} (local.get $c) "
                     f"(i32.const {level}))")
            if way % 2:
                text += ("(local.set $x (local.get $m))"
                         "(local.set $m (local.get $n))"
                         "(local.set $n (local.get $x))")
            text += "(br $out)"
        text += ")"
    return text + """(local.set $k (local.get $m))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $t))))))"""


def products(depth, width):
    """An address that is a sum of products of such sums."""
    text = "(module (memory 1 1) (func (export \"f\") (param $t i32) (local $i i32)"
    text += "".join(f"(local $x{d} i32)" for d in range(depth + 1))
    text += "".join(f"(local $s{j} i32)" for j in range(width))
    text += "".join(f"(local.set $s{j} (i32.load (i32.const {4 * j})))"
                    for j in range(width))
    text += "(loop $l (local.set $x0 (i32.load8_u (local.get $i)))"
    for d in range(depth):
        sum_ = "(i32.const 0)"
        for j in range(width):
            sum_ = (f"(i32.add {sum_} (i32.mul (i32.add "
                    f"(local.get $s{(j + 1) % width}) (local.get $x{d})) "
                    f"(local.get $s{j})))")
        text += f"(local.set $x{d + 1} {sum_})"
    return text + f"""(i32.store (local.get $x{depth}) (local.get $i))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $t))))))"""


def row(count):
    """Loops one behind the other, which are entered whatever the count."""
    loops = "".join(f"""(local.set $i (i32.const 0)) (loop
      (i32.store offset={4096 * i} (i32.add (local.get $a)
        (i32.shl (local.get $i) (i32.const 2))) (local.get $i))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (local.get $t))))""" for i in range(count))
    return f"""(module (memory 64)
      (func (export "f") (param $a i32) (param $t i32) (local $i i32)
      {loops}))"""


for name, text in (("merges", merges(6, 40)), ("products", products(3, 40)),
                   ("row", row(200))):
    (SANDBOX / f"{name}.wat").write_text(text)
    for memory in ("guard", "check"):
        must(WASMETAL, f"{name}.wat", "-O2", "-j1", "--memory", memory, "-o",
             f"{name}.o", timeout=60)
