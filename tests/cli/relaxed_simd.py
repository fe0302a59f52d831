"""Relaxed vector instructions: --relaxed-simd deterministic gives the results
of the specification's deterministic profile on each processor; without it they
may be those of the processor."""
from harness import *

NAN = "7fc00000"
BIG = "4f800000"  # 2^32
BELOW = "cf800000"  # -2^32
ONE = "3f800001"  # 1 + 2^-23


def lanes(*values):
    """Lane 0 is written last."""
    return "0x" + "".join(reversed(values))


def twice(value):
    return lanes(value, value, "00000000", "00000000")


# Instruction, arguments, result of the deterministic profile, result of SSE2
# or AVX2 where it differs: None where it may.
ROWS = [
    ("i8x16.relaxed_swizzle",
     ["0x0f0e0d0c0b0a09080706050403020100",
      "0x00000000000000000000000080100f01"],
     "0x00000000000000000000000000000f01"),
    ("i32x4.relaxed_trunc_f32x4_s", [lanes(NAN, BIG, BELOW, "40200000")],
     lanes("00000000", "7fffffff", "80000000", "00000002")),
    ("i32x4.relaxed_trunc_f32x4_u", [lanes(NAN, BIG, BELOW, "4f000000")],
     lanes("00000000", "ffffffff", "00000000", "80000000")),
    ("i32x4.relaxed_trunc_f64x2_s_zero",
     ["0x7ff8000000000000" + "41f0000000000000"],
     lanes("7fffffff", "00000000", "00000000", "00000000")),
    ("i32x4.relaxed_trunc_f64x2_u_zero",
     ["0x7ff8000000000000" + "41e0000000000000"],
     lanes("80000000", "00000000", "00000000", "00000000")),
    # (1 + e)^2 - (1 + 2e) is e^2 where nothing is rounded between.
    ("f32x4.relaxed_madd",
     [twice(ONE), twice(ONE), twice("bf800002")], twice("00000000")),
    ("f32x4.relaxed_nmadd",
     [twice(ONE), twice(ONE), twice("3f800002")], twice("00000000")),
    ("i16x8.relaxed_laneselect",
     ["0x" + "1234" * 8, "0x" + "5678" * 8, "0x" + "ff00" * 8],
     "0x" + "1278" * 8),
    ("f32x4.relaxed_min", [lanes("00000000", "80000000", "3f800000", "0"*8),
                           lanes("80000000", "00000000", "40000000", "0"*8)],
     lanes("80000000", "80000000", "3f800000", "00000000")),
    ("f32x4.relaxed_max", [lanes("00000000", "80000000", "3f800000", "0"*8),
                           lanes("80000000", "00000000", "40000000", "0"*8)],
     lanes("00000000", "00000000", "40000000", "00000000")),
    ("i16x8.relaxed_q15mulr_s", ["0x" + "8000" * 8, "0x" + "8000" * 8],
     "0x" + "7fff" * 8),
    ("i16x8.relaxed_dot_i8x16_i7x16_s", ["0x" + "02" * 16, "0x" + "81" * 16],
     "0x" + "fe04" * 8),
    ("i32x4.relaxed_dot_i8x16_i7x16_add_s",
     ["0x" + "02" * 16, "0x" + "81" * 16, "0x" + "00000010" * 4],
     "0x" + "fffffc18" * 4),
]
# What libwabt calls them.
TEXT = {"i16x8.relaxed_dot_i8x16_i7x16_s": "i16x8.dot_i8x16_i7x16_s",
        "i32x4.relaxed_dot_i8x16_i7x16_add_s": "i32x4.dot_i8x16_i7x16_add_s"}

module = "(module\n"
for name, arguments, _ in ROWS:
    params = "v128 " * len(arguments)
    operands = " ".join(f"(local.get {i})" for i in range(len(arguments)))
    module += (f'  (func (export "{name}") (param {params}) (result v128)\n'
               f"    ({TEXT.get(name, name)} {operands}))\n")
(SANDBOX / "relaxed.wat").write_text(module + ")\n")

processors = ["x86-64"]
if " avx2 " in pathlib.Path("/proc/cpuinfo").read_text():
    processors.append("x86-64-v3")
fused = False
for cpu in processors:
    for name, arguments, expected in ROWS:
        found = {
            kind: must(WASMETAL, "run", "--cpu", cpu, "--relaxed-simd", kind,
                       "--invoke", name, "relaxed.wat", *arguments).decode()
            for kind in ("deterministic", "native")}
        expect(found["deterministic"], expected + "\n", f"{name} on {cpu}")
        if found["native"] != found["deterministic"]:
            fused = fused or name == "f32x4.relaxed_madd"
expect(fused, len(processors) > 1, "a fused multiplication and addition")

expect_failure(wasmetal("relaxed.wat", "-o", "app", "--relaxed-simd", "any"), 2,
               "--relaxed-simd")
