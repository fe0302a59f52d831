// What a native image has around the program: vectors, start-up, and the
// emulator's console. wasmetal's images have ports/cortex_m in its place; the
// linker script and what code generators call by themselves are the same.
#include <stddef.h>
#include <stdint.h>

extern uint32_t __data_begin[], __data_end[], __bss_begin[], __bss_end[];
extern const uint32_t __data_image[];
extern char __stack_top[];

void nativeMain(void);

static int semihosting(uint32_t call, const void *argument) {
  register uint32_t r0 __asm__("r0") = call;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return (int)r0;
}

static _Noreturn void leave(uint32_t code) {
  const uint32_t block[2] = {0x20026, code};
  for (;;)
    semihosting(0x20, block);
}

void write(const char *text, size_t size) {
  const uint32_t name[3] = {(uint32_t)(uintptr_t)":tt", 4, 3};
  const uint32_t block[3] = {(uint32_t)semihosting(0x01, name),
                             (uint32_t)(uintptr_t)text, size};
  semihosting(0x05, block);
}

__attribute__((noinline)) int mark(void) {
  __asm__ volatile("");
  return 0;
}

void wm_reset(void) {
  volatile uint32_t *coprocessors = (volatile uint32_t *)0xe000ed88;
#if __ARM_ARCH > 6
  *coprocessors = *coprocessors | 0xf << 20;
  __asm__ volatile("dsb\n\tisb" : : : "memory");
#else
  (void)coprocessors;
#endif
  const uint32_t *from = __data_image;
  for (uint32_t *to = __data_begin; to < __data_end;)
    *to++ = *from++;
  for (uint32_t *to = __bss_begin; to < __bss_end;)
    *to++ = 0;
  nativeMain();
  leave(0);
}

static void fault(void) { leave(134); }

__attribute__((section(".wm_vectors"),
               used)) static void (*const vectors[16])(void) = {
    (void (*)(void))__stack_top,
    wm_reset,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault};
