"""Under --memory mpu, each kind of access traps exactly where WebAssembly says,
and then has changed nothing: at the end of memory, where a sum wraps, and at
what else the processor has addresses for. Boxes reach their own memories alone,
also when they call each other by way of the host, trap, and grow."""
from firmware import *

TARGETS = [board for board in BOARDS if BOARDS[board] != "cortex-m0"]

LOADS = [("i32.load", 4, "{}"), ("i32.load8_u", 1, "{}"),
         ("i32.load8_s", 1, "{}"), ("i32.load16_u", 2, "{}"),
         ("i32.load16_s", 2, "{}"), ("i64.load", 8, "(i32.wrap_i64 {})"),
         ("i64.load8_s", 1, "(i32.wrap_i64 {})"),
         ("i64.load16_u", 2, "(i32.wrap_i64 {})"),
         ("i64.load32_s", 4, "(i32.wrap_i64 (i64.shr_u {} (i64.const 32)))"),
         ("f32.load", 4, "(i32.reinterpret_f32 {})"),
         ("f64.load", 8, "(i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 {}) "
          "(i64.const 32)))"), ("i32.atomic.load8_u", 1, "{}")]
STORES = [("i32.store", 4, "(i32.const -1)"), ("i32.store8", 1, "(i32.const -1)"),
          ("i32.store16", 2, "(i32.const -1)"), ("i64.store", 8, "(i64.const -1)"),
          ("i64.store32", 4, "(i64.const -1)"),
          ("f32.store", 4, "(f32.reinterpret_i32 (i32.const -1))"),
          ("f64.store", 8, "(f64.reinterpret_i64 (i64.const -1))")]
VALUES = {"8_u": 0xa5, "8_s": 0xffffffa5, "16_u": 0xa5a5, "16_s": 0xffffa5a5,
          "32_s": 0xffffffff}
OFFSETS = [0, 1, 8, 252, 4000]
SIZE = 65536

module, rows = "", []
for offset in OFFSETS:
    for name, size, wrapped in LOADS:
        value = VALUES.get(name.split("load")[1], 0xa5a5a5a5)
        access = f"({name} offset={offset} (local.get 0))"
        module += (f'(func (export "f{len(rows)}") (param i32) (result i32) '
                   f"{wrapped.format(access)})\n")
        rows.append((offset, size, value))
    for name, size, value in STORES:
        module += (f'(func (export "f{len(rows)}") (param i32) (result i32) '
                   f"({name} offset={offset} (local.get 0) {value}) "
                   "(i32.const 0))\n")
        rows.append((offset, size, 0))
# A second access at an address needs less of a check; addition wraps.
# An address that is a byte, in a loop: LLVM widens it once.
module += """
(func (export "byte") (param i32) (result i32) (local i32)
  (loop $again
    (local.set 1 (i32.load offset=65300 (i32.load8_u (i32.const 16))))
    (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1))
(func (export "sum") (param i32) (result i32)
  (i32.add (i32.load offset=4 (i32.add (local.get 0) (i32.const 20)))
    (i32.add (i32.load offset=8 (i32.add (local.get 0) (i32.const 20)))
      (i32.load (i32.add (local.get 0) (i32.const 20))))))
"""

HOST = """
#include "edges.h"
typedef wm_status function(wm_instance *, int32_t, int32_t *);
static const struct row {{ function *call; uint32_t offset, size, value; }}
rows[] = {{
{rows}
}};
static uint8_t *bytes;
static bool isWhole(void) {{
  for (uint32_t i = 0; i < {size}; i = i == 8191 ? {size} - 64 : i + 1)
    if (bytes[i] != 0xa5)
      return false;
  return true;
}}
static int try(wm_instance *box, const struct row *row, uint32_t address) {{
  int32_t result = -1;
  uint64_t end = (uint64_t)address + row->offset + row->size;
  wm_status status = row->call(box, (int32_t)address, &result);
  if (status == WM_TRAPPED)
    return end > {size} && isWhole() &&
           wm_last_error(box)->trap == WM_TRAP_memory_bounds;
  if (status != WM_OK || end > {size})
    return 0;
  if (row->value)
    return (uint32_t)result == row->value;
  for (uint64_t i = end - row->size; i < end; ++i) {{
    if (bytes[i] != 0xff)
      return 0;
    bytes[i] = 0xa5;
  }}
  return isWhole();
}}
extern void port_message(const char *, uint64_t);
static void number(uint32_t value) {{
  char text[9];
  for (int i = 8; i--; value >>= 4)
    text[i] = "0123456789abcdef"[value & 15];
  text[8] = ' ';
  port_message(text, 9);
}}
int main(void) {{
  wm_instance *box;
  if (wm_instance_create(&edges_module, 0, &box, 0) != WM_OK)
    return 1;
  bytes = wm_memory_data(wm_instance_memory(box, 0));
  for (uint32_t i = 0; i < {size}; ++i)
    bytes[i] = 0xa5;
  const uint32_t base = (uint32_t)bytes;
  // Flash, the instance, the stack, a peripheral, the processor's registers,
  // and what is there no more.
  const uint32_t places[] = {{0, (uint32_t)&rows, (uint32_t)box,
                             (uint32_t)&base, 0x40000000, 0xe000ed08,
                             0xe0000000, 0xe0100000, 0x80000001,
                             base - 1, base + {size}}};
  for (unsigned i = 0; i < sizeof rows / sizeof *rows; ++i) {{
    const struct row *row = rows + i;
    for (int32_t near = -10; near < 10; ++near) {{
      uint32_t starts[] = {{0, 1000, {size}, {size} - row->offset, -row->offset}};
      for (unsigned j = 0; j < 5; ++j)
        if (!try(box, row, starts[j] + (uint32_t)near)) {{
          number(i);
          number(starts[j] + (uint32_t)near);
          return 2;
        }}
    }}
    for (unsigned j = 0; j < sizeof places / sizeof *places; ++j)
      if (!try(box, row, places[j] - base - row->offset)) {{
        number(i);
        number(places[j]);
        return 3;
      }}
  }}
  int32_t word;
  if (edges_byte(box, 3, &word) != WM_OK || word != (int32_t)0xa5a5a5a5)
    return 6;
  for (int32_t near = -60; near < 60; ++near) {{
    int32_t result;
    uint32_t address = {size} - 20 + (uint32_t)near;
    if ((edges_sum(box, (int32_t)address, &result) == WM_OK) !=
        (address + 20 + 12 <= {size}))
      return 4;
    address = (uint32_t)(near - 20);
    if ((edges_sum(box, (int32_t)address, &result) == WM_OK) != (near >= 0))
      return 5;
  }}
  return 0;
}}
"""

host = HOST.format(size=SIZE, rows="\n".join(
    f"  {{edges_f{i}, {offset}, {size}, {value:#x}}},"
    for i, (offset, size, value) in enumerate(rows)))
(SANDBOX / "edges.wat").write_text(f'(module (memory (export "m") 1)\n{module})')
must("wat2wasm", "--enable-all", "edges.wat", "-o", "edges.wasm")
for board, level in [(board, "2") for board in TARGETS] + [("mps2-an386", "0"),
                                                           ("mps2-an505", "s")]:
    if board == "netduinoplus2":
        continue # as mps2-an386, with too little RAM
    elf = link(board, host, [compile_to(
        "edges.o", SANDBOX / "edges.wasm", "--target", BOARDS[board],
        f"-O{level}", "--memory", "mpu", "--header", "edges.h")])
    output, errors, status = boot(board, elf)
    expect(status, 0, f"{board} -O{level}: {errors}")

BOX = """(module
  (import "board" "call" (func $call (param i32) (result i32)))
  (memory (export "memory") {pages})
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0)))
  ;; stores what the host gives, then loads from an address
  (func (export "both") (param i32 i32) (result i32)
    (i32.store offset=4 (local.get 0) (call $call (local.get 0)))
    (i32.load (local.get 1))))
"""

BOXES = r"""
#include "a.h"
#include "b.h"
#include "c.h"
static wm_instance *a, *b, *c;
#define CHECK(condition)                                                       \
  if (!(condition))                                                            \
  return __LINE__
static uint32_t start(wm_instance *box) {
  return (uint32_t)wm_memory_data(wm_instance_memory(box, 0));
}
// From a into b, which traps at once, or calls a again, and c.
wm_status a_import_board_call(wm_instance *box, int32_t p0, int32_t *result) {
  int32_t value;
  CHECK(box == a);
  CHECK(b_load(b, 1 << 20, &value) == WM_TRAPPED);
  CHECK(b_load(b, (int32_t)(start(a) - start(b)), &value) == WM_TRAPPED);
  if (p0 >= 0)
    CHECK(b_both(b, -1, 0, &value) == WM_TRAPPED);
  CHECK(b_both(b, 100, 0, &value) == WM_OK);
  *result = 11;
  return WM_OK;
}
wm_status b_import_board_call(wm_instance *box, int32_t p0, int32_t *result) {
  int32_t value;
  CHECK(box == b);
  CHECK(a_load(a, 60, &value) == WM_OK);
  CHECK(a_load(a, (int32_t)(start(b) - start(a)), &value) == WM_TRAPPED);
  CHECK(c_load(c, 65533, &value) == WM_TRAPPED);
  CHECK(c_load(c, 65532, &value) == WM_OK);
  *result = 22;
  return WM_OK;
}
wm_status c_import_board_call(wm_instance *box, int32_t p0, int32_t *result) {
  return WM_OK;
}
static uint32_t in(wm_instance *box, uint32_t address) {
  uint32_t value = 0;
  wm_memory_read(wm_instance_memory(box, 0), address, &value, 4);
  return value;
}
int main(void) {
  int32_t value;
  CHECK(wm_instance_create(&a_module, 0, &a, 0) == WM_OK);
  CHECK(wm_instance_create(&b_module, 0, &b, 0) == WM_OK);
  CHECK(wm_instance_create(&c_module, 0, &c, 0) == WM_OK);
  CHECK(a_both(a, 40, 44, &value) == WM_OK && value == 11 && in(a, 44) == 11);
  CHECK(in(b, 104) == 22);
  CHECK(a_both(a, 40, 65534, &value) == WM_TRAPPED);
  CHECK(wm_last_error(a)->trap == WM_TRAP_memory_bounds);
  CHECK(a_both(a, -8, 0, &value) == WM_TRAPPED);
  // Growth, also of a box within another one: a has three pages at most.
  CHECK(a_load(a, 65533, &value) == WM_TRAPPED);
  CHECK(a_grow(a, 2, &value) == WM_OK && value == 1);
  CHECK(a_load(a, 65533, &value) == WM_OK);
  CHECK(a_both(a, 196604, 0, &value) == WM_TRAPPED);
  CHECK(a_both(a, 196600, 196604, &value) == WM_OK && value == 11);
  CHECK(a_load(a, 196605, &value) == WM_TRAPPED);
  CHECK(a_grow(a, 1, &value) == WM_OK && value == -1);
  CHECK(c_load(c, 0, &value) == WM_OK);
  return 0;
}
"""
for board in ["mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505"]:
    objects = [compile_to(f"{name}.o", BOX.format(pages=pages), "--target",
                          BOARDS[board], "-Os", "--memory", strategy, "--name",
                          name, "--header", f"{name}.h")
               for name, pages, strategy in [("a", "1 3", "mpu"), ("b", "1", "mpu"),
                                             ("c", "1", "check")]]
    elf = link(board, BOXES, objects)
    expect(boot(board, elf)[2], 0, f"{board}: the line that failed")

# ARMv7-M has eighths of powers of two.
for target, size, good in [("cortex-m4", "100000", "98304 or 114688"),
                           ("cortex-m4", "112K", None), ("cortex-m4", "2K", None),
                           ("cortex-m3", "2000", "1792 or 2048"),
                           ("cortex-m33", "100000", None),
                           ("cortex-m55", "1001", "992 or 1024")]:
    (SANDBOX / "size.wat").write_text("(module (memory 2))")
    result = wasmetal("size.wat", "-o", "size.o", "--target", target, "--memory",
                      "mpu", "--memory-size", size)
    expect(result.returncode, 1 if good else 0, f"{target}, {size} bytes")
    if good:
        expect(result.stderr.decode(),
               f"size.wat: memory 0 has {size} bytes, regions of the memory "
               f"protection unit have {good}; --memory-size sets it\n", target)
expect_failure(wasmetal("size.wat", "-o", "size.o", "--target", "cortex-m0",
                        "--memory", "mpu"), 2,
               "cortex-m0 has no strategy 'mpu' (check, mask, none)")
