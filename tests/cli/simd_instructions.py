"""Vector instructions become the machine's: what is expected is all that an
instruction takes, without moves between registers."""
import re

from harness import *

# Name, operands, and the machine's instructions on x86-64, x86-64-v3 and
# AArch64.
ROWS = """
i8x16.add              a b | paddb | vpaddb | add
i8x16.sub_sat_s        a b | psubsb | vpsubsb | sqsub
i8x16.min_u            a b | pminub | vpminub | umin
i8x16.avgr_u           a b | pavgb | vpavgb | urhadd
i8x16.narrow_i16x8_u   a b | packuswb | vpackuswb | sqxtun sqxtun2
i8x16.swizzle          a b | ? | vpaddusb vpshufb | tbl
i8x16.bitmask          a   | pmovmskb | vpmovmskb \
                           | adrp cmlt ldr and ext zip1 addv fmov
i8x16.all_true         a   | pxor pcmpeqb pmovmskb xorl testl sete \
                           | vpxor vpcmpeqb vpmovmskb xorl testl sete \
                           | cmeq umaxv fmov bic
i16x8.mul              a b | pmullw | vpmullw | mul
i16x8.narrow_i32x4_u   a b | pxor pcmpgtd pand paddd pcmpgtd pand paddd \
                             packssdw pxor \
                           | vpackusdw | sqxtun sqxtun2
i16x8.q15mulr_sat_s    a b | pmulhw pmullw psrlw paddw por psrlw pand paddw \
                             pcmpeqw pxor \
                           | vpmulhrsw vpcmpeqw vpxor | sqrdmulh
i16x8.extadd_pairwise_i8x16_s a | psraw psllw psraw paddw | vpmaddubsw | saddlp
i16x8.extend_low_i8x16_s a | punpcklbw psraw | vpmovsxbw | sshll
i32x4.gt_s             a b | pcmpgtd | vpcmpgtd | cmgt
i32x4.max_s            a b | pcmpgtd pand pandn por | vpmaxsd | smax
i32x4.dot_i16x8_s      a b | pmaddwd | vpmaddwd | smull2 smull addp
i32x4.extadd_pairwise_i16x8_s a | pmaddwd | vpmaddwd | saddlp
i32x4.trunc_sat_f32x4_s a  | xorps cmpordps andps cvttps2dq cmpleps xorps \
                           | vxorps vcmpordps vandps vcvttps2dq vbroadcastss \
                             vcmpleps vxorps | fcvtzs
i32x4.trunc_sat_f64x2_s_zero a | xorpd cmpordpd andpd minpd cvttpd2dq \
                           | vxorpd vcmpordpd vandpd vminpd vcvttpd2dq \
                           | fcvtzs sqxtn
i64x2.shl              a n | andl movd psllq | andl vmovd vpsllq | and dup ushl
f32x4.add              a b | addps | vaddps | fadd
f32x4.sqrt             a   | sqrtps | vsqrtps | fsqrt
f32x4.min              a b | minps minps orps cmpunordps andnps andps orps \
                           | vminps vminps vorps vcmpunordps vbroadcastss \
                             vblendvps | fmin
f32x4.pmin             a b | minps | vminps | fcmgt bit
f32x4.floor            a   | ? | vroundps | frintm
f32x4.relaxed_madd   a b c | mulps addps | vfmadd213ps | fmla
f64x2.pmax             a b | maxpd | vmaxpd | fcmgt bit
f64x2.nearest          a   | andpd cmpltpd andpd addpd subpd andpd andnpd orpd \
                           | vroundpd | frintn
f64x2.convert_low_i32x4_s a | cvtdq2pd | vcvtdq2pd | sshll scvtf
f64x2.promote_low_f32x4 a  | cvtps2pd | vcvtps2pd | fcvtl
v128.any_true          a   | pxor pcmpeqd movmskps xorl xorl setne \
                           | xorl vptest setne | fmov orr cmp cset
v128.bitselect       a b c | andps andnps orps | vandps vandnps vorps | bif
v128.load              n   | movups | vmovups | add ldr
v128.load8x8_u         n   | movq pxor punpcklbw | vpmovzxbw | add ldr ushll
v128.load32_splat      n   | movss shufps | vbroadcastss | add add ld1r
v128.load64_zero       n   | movsd | vmovsd | add ldr
"""


def parse(rows):
    for row in rows.replace("\\\n", " ").strip().splitlines():
        left, baseline, newer, neon = row.split("|")
        name, *operands = left.split()
        yield name, operands, {"x86-64": baseline.split(),
                               "x86-64-v3": newer.split(),
                               "generic": neon.split()}


def module(rows):
    text = "(module (memory 1)\n"
    for name, operands, _ in rows:
        test = re.search("true|bitmask", name)
        arguments = " ".join(f"(local.get ${operand})" for operand in operands)
        text += (f"  (func (export \"{name}\")\n"
                 "    (param $n i32) (param $a v128) (param $b v128)\n"
                 "    (param $c v128) "
                 f"(result {'i32' if test else 'v128'})\n"
                 f"    ({name} {arguments}))\n")
    return text + ")\n"


rows = list(parse(ROWS))
for target, cpu in (("x86_64-linux", "x86-64"), ("x86_64-linux", "x86-64-v3"),
                    ("aarch64-linux", "generic")):
    source = compile_to(f"{cpu}.s", module(rows), "--target", target, "--cpu",
                        cpu, "--name", "m", "--traps", "relaxed").read_text()
    for index, (name, _, expected) in enumerate(rows):
        body = re.search(rf'^"m:{index}:[^"]*":\n(.*?)\tretq?\b', source,
                         re.S | re.M)
        # Besides moves, an address is extended by one.
        found = [word for word in re.findall(r"^\t([a-z]\w*)", body[1], re.M)
                 if not re.fullmatch(r"v?movap[sd]|v?movdqa|movl?", word)]
        if expected[cpu] == ["?"]:
            continue
        expect(found, expected[cpu], f"{name} on {target}, {cpu}")
