// Changing stacks on x86-64. The sandbox rests on this file.
// https://gitlab.com/x86-psABIs/x86-64-ABI
#include "ports/linux/switch.h"

extern "C" {

// What is saved are the registers that a callee has to keep. The function
// keeps them itself when it returns; unwinding takes them from here.
__attribute__((naked)) int wm_port_switch(wm_activation *, void *,
                                          void (*)(void *), void *) {
  __asm__("pushq %rbp\n\t"
          "pushq %r12\n\t"
          "pushq %r13\n\t"
          "pushq %r14\n\t"
          "pushq %r15\n\t"
          "pushq %rbx\n\t"
          "subq $8, %rsp\n\t" // now aligned to 16
          "movq %rsp, (%rdi)\n\t"
          "movq %rsp, %rbx\n\t"
          "movq %rsi, %rsp\n\t"
          "xorl %ebp, %ebp\n\t" // ends the chain of frames
          "movq %rcx, %rdi\n\t"
          "callq *%rdx\n\t"
          "leaq 8(%rbx), %rsp\n\t"
          "xorl %eax, %eax\n\t"
          "popq %rbx\n\t"
          "addq $32, %rsp\n\t"
          "popq %rbp\n\t"
          "retq");
}

__attribute__((naked)) void wm_port_unwind(wm_activation *, int) {
  __asm__("movq (%rdi), %rsp\n\t"
          "addq $8, %rsp\n\t"
          "movl %esi, %eax\n\t"
          "popq %rbx\n\t"
          "popq %r15\n\t"
          "popq %r14\n\t"
          "popq %r13\n\t"
          "popq %r12\n\t"
          "popq %rbp\n\t"
          "retq");
}

// The host's stack is free below what wm_port_switch left there: whatever runs
// above it waits for the guest. The guest's used part is noted for the host
// that calls back in.
__attribute__((naked)) void port_leave(wm_store *, void (*)(void *), void *) {
  __asm__("pushq %rbp\n\t"
          "movq %rsp, %rbp\n\t"
          "pushq %rbx\n\t"
          "movq (%rdi), %rbx\n\t" // the activation
          "movq %rsp, 8(%rbx)\n\t"
          "movq (%rbx), %rsp\n\t"
          "movq %rdx, %rdi\n\t"
          "callq *%rsi\n\t"
          "movq 8(%rbx), %rsp\n\t"
          "movq $0, 8(%rbx)\n\t"
          "popq %rbx\n\t"
          "popq %rbp\n\t"
          "retq");
}

// A system call that was interrupted runs again from its instruction, which is
// in the window, unless it has a result; then it is behind it.
__attribute__((naked)) long wm_port_wait(wm_port_waiting *) {
  __asm__("movq 8(%rdi), %rcx\n\t"
          "leaq 1f(%rip), %rax\n\t"
          "movq %rax, (%rcx)\n\t"
          "leaq 2f(%rip), %rax\n\t"
          "movq %rax, 8(%rcx)\n\t"
          "leaq 3f(%rip), %rax\n\t"
          "movq %rax, 16(%rcx)\n\t"
          "movq (%rdi), %r11\n\t"
          "movq 16(%rdi), %rax\n\t"
          "movq 32(%rdi), %rsi\n\t"
          "movq 40(%rdi), %rdx\n\t"
          "movq 48(%rdi), %r10\n\t"
          "movq 56(%rdi), %r8\n\t"
          "movq 64(%rdi), %r9\n\t"
          "movq 24(%rdi), %rdi\n\t"
          "1: cmpl $0, (%r11)\n\t"
          "jne 3f\n\t"
          "syscall\n\t"
          "2: retq\n\t"
          "3: movq $-4, %rax\n\t" // EINTR
          "retq");
}

__attribute__((naked)) void wm_port_restore() {
  __asm__("movl $15, %eax\n\t" // rt_sigreturn
          "syscall");
}
}
