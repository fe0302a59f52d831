"""Hosts in C++, whose static objects are constructed before `main`: with no
library but the port's, with newlib, and with picolibc and its own start-up."""
from firmware import *

BOX = """(module
  (import "board" "led" (func $led (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\2a")
  (func (export "blink") (param i32) (result i32)
    (call $led (local.get 0))
    (i32.load (local.get 0))))
"""

# A box calls a virtual function of an object that a constructor made.
HOST = r"""
#include "box.h"

namespace {
class Pin {
public:
  virtual ~Pin() = default;
  virtual void set(int32_t value) = 0;
};

class Led : public Pin {
public:
  explicit Led(int32_t first) : total(first) {}
  void set(int32_t value) override { total += value; }
  int32_t total;
};

volatile int32_t initial = 1000;
Led led(initial);
__attribute__((init_priority(200))) Led before(initial++);
} // namespace

void operator delete(void *) noexcept {}
void operator delete(void *, decltype(sizeof(0))) noexcept {}

wm_status box_import_board_led(wm_instance *, int32_t value) {
  static Pin &pin = led;
  pin.set(value);
  return WM_OK;
}

static int check() {
  wm_instance *box;
  int32_t value = 0;
  if (wm_instance_create(&box_module, nullptr, &box, nullptr) != WM_OK)
    return 1;
  if (box_blink(box, 16, &value) != WM_OK || value != 42)
    return 2;
  if (box_blink(box, 70000, &value) != WM_TRAPPED)
    return 3;
  return before.total == 1000 && led.total == 1001 + 16 + 70000 ? 0 : 4;
}
"""

ALONE = HOST + 'extern "C" int main() { return check(); }\n'
WITH_LIBRARY = HOST + r"""
#include <stdio.h>
SYSTEM
int main() {
  printf("led %ld\n", (long)led.total);
  int result = check();
  printf("led %ld\n", (long)led.total);
  return result;
}
"""
# What newlib asks a board for.
NEWLIB = """
extern "C" void port_message(const char *text, uint64_t size);
extern "C" int _write(int, const char *text, int size) {
  port_message(text, size);
  return size;
}
extern "C" void *_sbrk(int size) {
  static char heap[4096];
  static int used;
  if (size > (int)sizeof(heap) - used)
    return (void *)-1;
  used += size;
  return heap + used - size;
}
"""
PRINTED = "led 1001\nled 71017\n"

GCC = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-Os", "-Wall",
       "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
       "-fno-use-cxa-atexit", "-Wl,--gc-sections,--no-enum-size-warning"]
BOARD = "mps2-an386"
PORT = RUNTIME / BOARDS[BOARD] / "libport.a"


def compile_box(target):
    compile_to("box.o", BOX, "--target", target, "-Os", "--header", "box.h")
    return SANDBOX / "box.o"


def gcc(host, library, *options):
    (SANDBOX / "host.cpp").write_text(host)
    must("arm-none-eabi-g++", *GCC, library, "-I", ROOT / "runtime/include",
         "-c", "host.cpp")
    must("arm-none-eabi-gcc", *GCC, library, "host.o", "box.o", PORT, *options,
         "-o", "host.elf")
    return SANDBOX / "host.elf"


for board, target in BOARDS.items():
    if board in SMALL:
        continue
    elf = link(board, ALONE, [compile_box(target)], language="c++")
    expect(boot(board, elf), ("", "", 0), board)

compile_box(BOARDS[BOARD])
script(BOARD)
elf = gcc(WITH_LIBRARY.replace("SYSTEM", NEWLIB), "--specs=nano.specs",
          "--specs=nosys.specs", "-nostartfiles", "-T", "host.ld", "-L",
          RUNTIME,
          "-Wl,--defsym=__stack_size=8192,--defsym=__arena_size=512")
expect(boot(BOARD, elf), ("", PRINTED, 0), "newlib")

elf = gcc(WITH_LIBRARY.replace("SYSTEM", ""), "--specs=picolibc.specs",
          "--oslib=semihost", "--crt0=semihost",
          "-Wl,--defsym=__flash=0,--defsym=__flash_size=512K,"
          "--defsym=__ram=0x20000000,--defsym=__ram_size=512K,"
          "--defsym=__stack_size=8K,--defsym=__stack_limit=__stack-6K")
expect(boot(BOARD, elf), (PRINTED, "", 0), "picolibc")
