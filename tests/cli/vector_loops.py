"""Random loops over vectors compute the same whether iterations run one by one
or several at once: whatever rows overlap, however many iterations are left, and
if they take addresses out of a vector's lanes."""
from harness import *

import random

SEED = int(os.environ.get("WASMETAL_SEED", "1"))
MODULES = int(os.environ.get("WASMETAL_MODULES", "2"))
LOOPS = 24
CPU = os.environ.get("WASMETAL_CPU", "native")

SAME = """v128.and v128.or v128.xor v128.andnot i8x16.add i8x16.sub i16x8.add
    i16x8.sub i16x8.mul i32x4.add i32x4.sub i32x4.mul i64x2.add i64x2.sub
    i64x2.mul i8x16.min_s i8x16.max_u i16x8.min_u i16x8.max_s i32x4.min_s
    i32x4.max_u i8x16.add_sat_s i8x16.sub_sat_u i16x8.add_sat_u i16x8.sub_sat_s
    i8x16.avgr_u i16x8.avgr_u i16x8.q15mulr_sat_s i32x4.dot_i16x8_s
    i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u i16x8.narrow_i32x4_s
    i16x8.narrow_i32x4_u i8x16.swizzle i8x16.eq i8x16.lt_s i16x8.gt_u i32x4.le_s
    i32x4.ne i64x2.eq i64x2.gt_s i16x8.extmul_low_i8x16_s
    i16x8.extmul_high_i8x16_u i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_s
    i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_u""".split()
ONE = """v128.not i8x16.neg i8x16.abs i8x16.popcnt i16x8.neg i16x8.abs i32x4.neg
    i32x4.abs i64x2.neg i64x2.abs i16x8.extend_low_i8x16_s
    i16x8.extend_high_i8x16_u i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_s
    i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_u
    i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
    i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u""".split()
# Between conversions, so that no NaN's bits can be seen.
SINGLE = """f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin
    f32x4.pmax""".split()
DOUBLE = [name.replace("f32x4", "f64x2") for name in SINGLE]
SUMS = """i8x16.add i16x8.sub i32x4.add i64x2.add i32x4.mul v128.and v128.or
    v128.xor i8x16.max_u i16x8.min_s i32x4.max_s i8x16.add_sat_u""".split()
LOADS = {
    16: ["v128.load"],
    8: ["v128.load8x8_s", "v128.load8x8_u", "v128.load16x4_s",
        "v128.load16x4_u", "v128.load32x2_s", "v128.load32x2_u",
        "v128.load64_zero", "v128.load64_splat"],
    4: ["v128.load32_zero", "v128.load32_splat", "i32x4.splat i32.load"],
    2: ["v128.load16_splat", "i16x8.splat i32.load16_u"],
    1: ["v128.load8_splat", "i32x4.splat i32.load8_s"],
}
STORES = {16: "v128.store", 8: "v128.store64_lane", 4: "v128.store32_lane",
          2: "v128.store16_lane", 1: "v128.store8_lane"}


def operation(rng, temps):
    """An expression of v128."""
    def get():
        return f"(local.get {rng.choice(temps)})"
    kind = rng.randrange(14)
    if kind < 6:
        return f"({rng.choice(SAME)} {get()} {get()})"
    if kind < 8:
        return f"({rng.choice(ONE)} {get()})"
    if kind == 8:
        shape = rng.choice(["i8x16", "i16x8", "i32x4", "i64x2"])
        how = rng.choice(["shl", "shr_s", "shr_u"])
        return f"({shape}.{how} {get()} (i32.const {rng.randrange(9)}))"
    if kind == 9:
        lanes = " ".join(str(rng.randrange(32)) for _ in range(16))
        return f"(i8x16.shuffle {lanes} {get()} {get()})"
    if kind == 10:
        return f"(v128.bitselect {get()} {get()} {get()})"
    if kind == 11:
        return (f"(i32x4.replace_lane {rng.randrange(4)} {get()} "
                f"(i32x4.extract_lane {rng.randrange(4)} {get()}))")
    convert, name, back = rng.choice([
        ("f32x4.convert_i32x4_s", rng.choice(SINGLE),
         "i32x4.trunc_sat_f32x4_s"),
        ("f64x2.convert_low_i32x4_u", rng.choice(DOUBLE),
         "i32x4.trunc_sat_f64x2_s_zero")])
    return f"({back} ({name} ({convert} {get()}) ({convert} {get()})))"


def loop(rng, name):
    rows = [(f"$r{i}", rng.choice([16, 16, 16, 8, 4, 2, 1])) for i in range(3)]
    steps = {16: [0, 0, 16, 32, 8, 5], 8: [0, 0, 8, 16, 4], 4: [0, 0, 4, 2],
             2: [0, 2, 1], 1: [0, 0, 1]}
    temps, body = [], []

    def let(value):
        temps.append(f"$t{len(temps)}")
        body.append(f"(local.set {temps[-1]} {value})")

    for _ in range(rng.randrange(1, 4)):
        row, step = rng.choice(rows)
        load = rng.choice(LOADS[step])
        at = f"offset={rng.choice(steps[step])} (local.get {row})"
        words = load.split()
        let(f"({words[0]} ({words[1]} {at}))" if len(words) > 1
            else f"({load} {at})")
    let(f"(v128.const i32x4 {rng.getrandbits(32)} 7 {rng.getrandbits(31)} 1)")
    counts = rng.randrange(3) == 0
    if counts: # addresses come out of lanes
        scale = rng.choice([1, 4, 8, 12, 24, -4])
        lane = (f"(i32.add (local.get {rows[0][0]}) (i32x4.extract_lane %d "
                "(i32x4.mul (local.get $c) (v128.const i32x4 "
                f"{' '.join([str(scale)] * 4)}))))")
        for i in rng.choice([[0], [0, 1], [3, 1, 2, 0]]):
            let(f"(i32x4.splat (i32.load offset={rng.choice([0, 4])} "
                f"{lane % i}))")
    for _ in range(rng.randrange(1, 7)):
        let(operation(rng, temps))
    if counts and rng.randrange(2):
        for i in rng.choice([[1], [0, 1], [0, 1, 2, 3]]):
            body.append(f"(i32.store {lane % i} (i32x4.extract_lane {i} "
                        f"(local.get {rng.choice(temps)})))")
    if counts:
        by = rng.choice([1, 2, 4])
        body.append("(local.set $c (i32x4.add (local.get $c) (v128.const i32x4 "
                    f"{by} {by} {by} {rng.choice([by, 0])})))")
    for _ in range(rng.randrange(0, 3)):
        row, step = rng.choice(rows)
        lane = "" if step == 16 else f" {rng.randrange(16 // step)}"
        body.append(f"({STORES[step]} offset={rng.choice(steps[step])}{lane} "
                    f"(local.get {row}) (local.get {rng.choice(temps[1:])}))")
    sums = []
    for i in range(rng.randrange(0, 3)):
        sums.append(f"$s{i}")
        body.append(f"(local.set $s{i} ({rng.choice(SUMS)} (local.get $s{i}) "
                    f"(local.get {rng.choice(temps)})))")
    if rng.randrange(8) == 0: # the last iteration's
        sums.append(rng.choice(temps))
    for row, step in rows:
        body.append(f"(local.set {row} (i32.add (local.get {row}) "
                    f"(i32.const {step})))")
    text = "\n    ".join(body)
    result = "(i64.const 0)"
    for value in sums:
        for lane in range(2):
            result = (f"(i64.add (i64.mul {result} (i64.const 31)) "
                      f"(i64x2.extract_lane {lane} (local.get {value})))")
    return f"""(func {name} (param $r0 i32) (param $r1 i32) (param $r2 i32)
    (param $n i32) (result i64)
    {" ".join(f"(local {t} v128)" for t in temps)}
    (local $s0 v128) (local $s1 v128) (local $c v128)
    (local.set $c (v128.const i32x4 0 1 2 3))
    (local.set $s0 (v128.const i64x2 {rng.getrandbits(63)} 3))
    (loop $next
    {text}
    (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    {result})"""


def module(rng):
    """Runs all loops on rows at different places, and writes for each a sum of
    the memory and of what the loop gives."""
    counts = [1, 2, 3, 4, 7, 16, 37]
    loops, calls = [], []
    for i in range(LOOPS):
        loops.append(loop(rng, f"$f{i}"))
        for count in counts:
            near = [1024 + rng.choice([0, 0, 16, -16, 8, 24, 32, -32, 48, 3,
                                       600, 1200, 2400]) for _ in range(3)]
            calls.append(
                "(call $fill) (local.set $sum (i64.add (i64.rotl (local.get "
                f"$sum) (i64.const 7)) (i64.add (call $f{i} "
                f"{' '.join(f'(i32.const {at})' for at in near)} "
                f"(i32.const {count})) (call $digest))))")
        calls.append(f"(i64.store (i32.const {8192 + 8 * i}) (local.get $sum))")
    newline = "\n  "
    return f"""(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $fill (local $i i32) (local $x i32)
    (local.set $x (i32.const 12345))
    (loop $next
      (i32.store (local.get $i) (local.tee $x (i32.add (i32.mul (local.get $x)
        (i32.const 1664525)) (i32.const 1013904223))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i)
        (i32.const 4))) (i32.const 5120)))))
  (func $digest (result i64) (local $i i32) (local $x i64)
    (loop $next
      (local.set $x (i64.add (i64.mul (local.get $x)
        (i64.const 6364136223846793005)) (i64.load (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i)
        (i32.const 8))) (i32.const 5120))))
    (local.get $x))
  {newline.join(loops)}
  (func (export "_start") (local $sum i64)
    {newline.join(calls)}
    (i32.store (i32.const 6000) (i32.const 8192))
    (i32.store (i32.const 6004) (i32.const {8 * LOOPS}))
    (drop (call $fd_write (i32.const 1) (i32.const 6000) (i32.const 1)
                          (i32.const 6008)))))"""


def runs(program):
    result = run(program)
    expect(result.returncode, 0, f"exit code of {program}")
    return [result.stdout[i:i + 8].hex()
            for i in range(0, len(result.stdout), 8)]


for number in range(MODULES):
    text = module(random.Random(SEED * 1000 + number))
    expected = runs(compile_to("app", text, "-O0"))
    expect(len(expected), LOOPS, "loops that were run")
    for cpu, strategy in ((CPU, "guard"), (CPU, "check"), ("x86-64", "guard")):
        found = runs(compile_to("app", text, "-O3", "--cpu", cpu, "--memory",
                                strategy))
        wrong = [i for i in range(LOOPS) if found[i] != expected[i]]
        expect(wrong[:1], [], f"first loop of module {number}, {cpu}, "
               f"{strategy}, that is not what it is at -O0")
