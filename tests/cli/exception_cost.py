"""A call within try_table of a function that may throw takes at most four
instructions more than of one that cannot, which takes none."""
import re

from harness import *


def section(number, *items):
    body = bytes([len(items)]) + b"".join(items)
    return bytes([number]) + leb(len(body)) + body


def leb(value):
    return bytes([value]) if value < 128 else bytes([value % 128 | 128,
                                                     value // 128])


def function(*code):
    body = b"\0" + b"".join(code) + b"\x0b"
    return leb(len(body)) + body


I32 = b"\x7f"
GET, SET, CALL = b"\x20\0", b"\x21\0", b"\x10"
ONE = b"\x41\1"
THROW, TRAP = ONE + b"\x08\0", b"\0"
# Calls itself, so that it is not inlined; ends by the one or the other.
def endless(index, end):
    return function(GET, b"\x45\x04\x40", end, b"\x0b", GET, ONE, b"\x6b",
                    CALL + bytes([index]), ONE, b"\x6a")


def caller(index, count, is_within_try):
    calls = (GET + CALL + bytes([index]) + SET) * count + GET + b"\x0f"
    if is_within_try: # block, try_table with catch_all to the block
        calls = (b"\x02\x40" + b"\x1f\x40\1\2\0" + calls + b"\x0b" + b"\x0b")
    return function(calls, b"\x41\x7f")


COUNTS = (8, 16)
functions = [endless(0, THROW), endless(1, TRAP)]
for index, is_within_try in ((0, True), (1, True), (1, False)):
    functions += [caller(index, count, is_within_try) for count in COUNTS]
(SANDBOX / "calls.wasm").write_bytes(
    b"\0asm\1\0\0\0" +
    section(1, b"\x60\1" + I32 + b"\1" + I32, b"\x60\1" + I32 + b"\0") +
    section(3, *[b"\0"] * len(functions)) + section(13, b"\0\1") +
    section(7, *[b"\1" + bytes([97 + i]) + b"\0" + bytes([i])
                 for i in range(len(functions))]) +
    section(10, *functions))
text = compile_to("calls.s", SANDBOX / "calls.wasm", "--name", "m").read_text()


def instructions(index):
    body = re.search(rf'^"m:{index}:[^"]*":\n(.*?)^\t\.cfi_endproc', text,
                     re.S | re.M)
    found = re.findall(r"^\t([a-z]\w*)\t?", body[1], re.M)
    return len(found), found.count("callq")


def per_call(first):
    (few, few_calls), (many, many_calls) = (instructions(first),
                                            instructions(first + 1))
    expect(many_calls - few_calls, COUNTS[1] - COUNTS[0], "more calls")
    return (many - few) / (COUNTS[1] - COUNTS[0])


plain = per_call(6)
expect(per_call(4), plain, "instructions for each call that cannot throw")
more = per_call(2) - plain
if not 0 < more <= 4:
    fail(f"{more} instructions more for each call that may throw")
print(f"{plain} instructions, {more} more for a call that may throw")
