// Changing stacks on AArch64. The sandbox rests on this file.
// https://github.com/ARM-software/abi-aa/blob/main/aapcs64/aapcs64.rst
#include "ports/linux/switch.h"

extern "C" {

// What is saved are the registers that a callee has to keep. The function
// keeps them itself when it returns; unwinding takes them from here.
__attribute__((naked)) int wm_port_switch(wm_activation *, void *,
                                          void (*)(void *), void *) {
  __asm__("stp x29, x30, [sp, #-160]!\n\t"
          "stp x19, x20, [sp, #16]\n\t"
          "stp x21, x22, [sp, #32]\n\t"
          "stp x23, x24, [sp, #48]\n\t"
          "stp x25, x26, [sp, #64]\n\t"
          "stp x27, x28, [sp, #80]\n\t"
          "stp d8, d9, [sp, #96]\n\t"
          "stp d10, d11, [sp, #112]\n\t"
          "stp d12, d13, [sp, #128]\n\t"
          "stp d14, d15, [sp, #144]\n\t"
          "mov x19, sp\n\t"
          "str x19, [x0]\n\t"
          "mov sp, x1\n\t"
          "mov x29, xzr\n\t" // ends the chain of frames
          "mov x0, x3\n\t"
          "blr x2\n\t"
          "mov sp, x19\n\t"
          "mov w0, wzr\n\t"
          "ldr x19, [sp, #16]\n\t"
          "ldp x29, x30, [sp], #160\n\t"
          "ret");
}

__attribute__((naked)) void wm_port_unwind(wm_activation *, int) {
  __asm__("ldr x9, [x0]\n\t"
          "mov sp, x9\n\t"
          "mov w0, w1\n\t"
          "ldp x19, x20, [sp, #16]\n\t"
          "ldp x21, x22, [sp, #32]\n\t"
          "ldp x23, x24, [sp, #48]\n\t"
          "ldp x25, x26, [sp, #64]\n\t"
          "ldp x27, x28, [sp, #80]\n\t"
          "ldp d8, d9, [sp, #96]\n\t"
          "ldp d10, d11, [sp, #112]\n\t"
          "ldp d12, d13, [sp, #128]\n\t"
          "ldp d14, d15, [sp, #144]\n\t"
          "ldp x29, x30, [sp], #160\n\t"
          "ret");
}

// The host's stack is free below what wm_port_switch left there: whatever runs
// above it waits for the guest. The guest's used part is noted for the host
// that calls back in.
__attribute__((naked)) void port_leave(wm_store *, void (*)(void *), void *) {
  __asm__("stp x29, x30, [sp, #-32]!\n\t"
          "str x19, [sp, #16]\n\t"
          "mov x29, sp\n\t"
          "ldr x19, [x0]\n\t" // the activation
          "str x29, [x19, #8]\n\t"
          "ldr x9, [x19]\n\t"
          "mov sp, x9\n\t"
          "mov x0, x2\n\t"
          "blr x1\n\t"
          "ldr x9, [x19, #8]\n\t"
          "mov sp, x9\n\t"
          "str xzr, [x19, #8]\n\t"
          "ldr x19, [sp, #16]\n\t"
          "ldp x29, x30, [sp], #32\n\t"
          "ret");
}

// A system call that was interrupted runs again from its instruction, which is
// in the window, unless it has a result; then it is behind it.
__attribute__((naked)) long wm_port_wait(wm_port_waiting *) {
  __asm__("ldr x9, [x0, #8]\n\t"
          "adr x10, 1f\n\t"
          "str x10, [x9]\n\t"
          "adr x10, 2f\n\t"
          "str x10, [x9, #8]\n\t"
          "adr x10, 3f\n\t"
          "str x10, [x9, #16]\n\t"
          "ldr x9, [x0]\n\t"
          "ldr x8, [x0, #16]\n\t"
          "ldp x1, x2, [x0, #32]\n\t"
          "ldp x3, x4, [x0, #48]\n\t"
          "ldr x5, [x0, #64]\n\t"
          "ldr x0, [x0, #24]\n\t"
          "1: ldr w10, [x9]\n\t"
          "cbnz w10, 3f\n\t"
          "svc #0\n\t"
          "2: ret\n\t"
          "3: mov x0, #-4\n\t" // EINTR
          "ret");
}

__attribute__((naked)) void wm_port_restore() {
  __asm__("mov x8, #139\n\t" // rt_sigreturn
          "svc #0");
}
}
