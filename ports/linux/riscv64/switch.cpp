// Changing stacks on RISC-V. The sandbox rests on this file.
// https://github.com/riscv-non-isa/riscv-elf-psabi-doc (RISC-V Calling
// Conventions)
#include "ports/linux/switch.h"

extern "C" {

// What is saved are the registers that a callee has to keep. The function
// keeps them itself when it returns; unwinding takes them from here.
__attribute__((naked)) int wm_port_switch(wm_activation *, void *,
                                          void (*)(void *), void *) {
  __asm__("addi sp, sp, -208\n\t"
          "sd ra, 0(sp)\n\t"
          "sd s0, 8(sp)\n\t"
          "sd s1, 16(sp)\n\t"
          "sd s2, 24(sp)\n\t"
          "sd s3, 32(sp)\n\t"
          "sd s4, 40(sp)\n\t"
          "sd s5, 48(sp)\n\t"
          "sd s6, 56(sp)\n\t"
          "sd s7, 64(sp)\n\t"
          "sd s8, 72(sp)\n\t"
          "sd s9, 80(sp)\n\t"
          "sd s10, 88(sp)\n\t"
          "sd s11, 96(sp)\n\t"
          "fsd fs0, 104(sp)\n\t"
          "fsd fs1, 112(sp)\n\t"
          "fsd fs2, 120(sp)\n\t"
          "fsd fs3, 128(sp)\n\t"
          "fsd fs4, 136(sp)\n\t"
          "fsd fs5, 144(sp)\n\t"
          "fsd fs6, 152(sp)\n\t"
          "fsd fs7, 160(sp)\n\t"
          "fsd fs8, 168(sp)\n\t"
          "fsd fs9, 176(sp)\n\t"
          "fsd fs10, 184(sp)\n\t"
          "fsd fs11, 192(sp)\n\t"
          "mv s1, sp\n\t"
          "sd sp, 0(a0)\n\t"
          "mv sp, a1\n\t"
          "li s0, 0\n\t" // ends the chain of frames
          "mv a0, a3\n\t"
          "jalr a2\n\t"
          "mv sp, s1\n\t"
          "li a0, 0\n\t"
          "ld ra, 0(sp)\n\t"
          "ld s0, 8(sp)\n\t"
          "ld s1, 16(sp)\n\t"
          "addi sp, sp, 208\n\t"
          "ret");
}

__attribute__((naked)) void wm_port_unwind(wm_activation *, int) {
  __asm__("ld sp, 0(a0)\n\t"
          "mv a0, a1\n\t"
          "ld ra, 0(sp)\n\t"
          "ld s0, 8(sp)\n\t"
          "ld s1, 16(sp)\n\t"
          "ld s2, 24(sp)\n\t"
          "ld s3, 32(sp)\n\t"
          "ld s4, 40(sp)\n\t"
          "ld s5, 48(sp)\n\t"
          "ld s6, 56(sp)\n\t"
          "ld s7, 64(sp)\n\t"
          "ld s8, 72(sp)\n\t"
          "ld s9, 80(sp)\n\t"
          "ld s10, 88(sp)\n\t"
          "ld s11, 96(sp)\n\t"
          "fld fs0, 104(sp)\n\t"
          "fld fs1, 112(sp)\n\t"
          "fld fs2, 120(sp)\n\t"
          "fld fs3, 128(sp)\n\t"
          "fld fs4, 136(sp)\n\t"
          "fld fs5, 144(sp)\n\t"
          "fld fs6, 152(sp)\n\t"
          "fld fs7, 160(sp)\n\t"
          "fld fs8, 168(sp)\n\t"
          "fld fs9, 176(sp)\n\t"
          "fld fs10, 184(sp)\n\t"
          "fld fs11, 192(sp)\n\t"
          "addi sp, sp, 208\n\t"
          "ret");
}

// The host's stack is free below what wm_port_switch left there: whatever runs
// above it waits for the guest. The guest's used part is noted for the host
// that calls back in.
__attribute__((naked)) void port_leave(wm_store *, void (*)(void *), void *) {
  __asm__("addi sp, sp, -32\n\t"
          "sd ra, 24(sp)\n\t"
          "sd s0, 16(sp)\n\t"
          "sd s1, 8(sp)\n\t"
          "addi s0, sp, 32\n\t"
          "ld s1, 0(a0)\n\t" // the activation
          "sd sp, 8(s1)\n\t"
          "ld sp, 0(s1)\n\t"
          "mv a0, a2\n\t"
          "jalr a1\n\t"
          "ld sp, 8(s1)\n\t"
          "sd zero, 8(s1)\n\t"
          "ld s1, 8(sp)\n\t"
          "ld s0, 16(sp)\n\t"
          "ld ra, 24(sp)\n\t"
          "addi sp, sp, 32\n\t"
          "ret");
}

// A system call that was interrupted runs again from its instruction, which is
// in the window, unless it has a result; then it is behind it.
__attribute__((naked)) long wm_port_wait(wm_port_waiting *) {
  __asm__("ld t0, 8(a0)\n\t"
          "lla t1, 1f\n\t"
          "sd t1, 0(t0)\n\t"
          "lla t1, 2f\n\t"
          "sd t1, 8(t0)\n\t"
          "lla t1, 3f\n\t"
          "sd t1, 16(t0)\n\t"
          "ld t0, 0(a0)\n\t"
          "ld a7, 16(a0)\n\t"
          "ld a1, 32(a0)\n\t"
          "ld a2, 40(a0)\n\t"
          "ld a3, 48(a0)\n\t"
          "ld a4, 56(a0)\n\t"
          "ld a5, 64(a0)\n\t"
          "ld a0, 24(a0)\n\t"
          "1: lw t1, 0(t0)\n\t"
          "bnez t1, 3f\n\t"
          "ecall\n\t"
          "2: ret\n\t"
          "3: li a0, -4\n\t" // EINTR
          "ret");
}
}
