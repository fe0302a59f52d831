// vm: a machine of bytecode, a stack and a switch, that counts primes.

#include "../bench.h"

enum { N = PICK(50, 300, 6000, 20000, 60000) };

enum Op { Push, Load, Store, Add, Multiply, Modulo, Less, Unless, Jump, Halt };
enum Slot { Number, Divisor, Primes, Slots };
enum Label { Outer, Inner, Divide, Next, End, Labels };

static int32_t program[64];
static int32_t labels[Labels];
static int length;

static void put(int32_t word) { program[length++] = word; }

static void put2(enum Op op, int32_t operand) {
  put(op);
  put(operand);
}

// Twice: the second time, all labels are known.
static void assemble(void) {
  length = 0;
  put2(Push, 2), put2(Store, Number);
  labels[Outer] = length;
  put2(Load, Number), put2(Push, N), put(Less), put2(Unless, labels[End]);
  put2(Push, 2), put2(Store, Divisor);
  labels[Inner] = length;
  put2(Load, Number), put2(Load, Divisor), put2(Load, Divisor), put(Multiply);
  put(Less), put2(Unless, labels[Divide]);
  put2(Load, Primes), put2(Push, 1), put(Add), put2(Store, Primes);
  put2(Jump, labels[Next]);
  labels[Divide] = length;
  put2(Load, Number), put2(Load, Divisor), put(Modulo);
  put2(Unless, labels[Next]);
  put2(Load, Divisor), put2(Push, 1), put(Add), put2(Store, Divisor);
  put2(Jump, labels[Inner]);
  labels[Next] = length;
  put2(Load, Number), put2(Push, 1), put(Add), put2(Store, Number);
  put2(Jump, labels[Outer]);
  labels[End] = length;
  put(Halt);
}

static uint32_t run(const int32_t *code, int32_t *stack, int32_t *slots) {
  uint32_t steps = 0;
  int32_t *top = stack;
  for (const int32_t *at = code;; steps++) {
    switch (*at++) {
    case Push:
      *top++ = *at++;
      break;
    case Load:
      *top++ = slots[*at++];
      break;
    case Store:
      slots[*at++] = *--top;
      break;
    case Add:
      top--;
      top[-1] += *top;
      break;
    case Multiply:
      top--;
      top[-1] *= *top;
      break;
    case Modulo:
      top--;
      top[-1] %= *top;
      break;
    case Less:
      top--;
      top[-1] = top[-1] < *top;
      break;
    case Unless:
      at = *--top ? at + 1 : code + *at;
      break;
    case Jump:
      at = code + *at;
      break;
    case Halt:
      return steps;
    }
  }
}

int main(void) {
  int32_t *code = array(sizeof program);
  int32_t *stack = array(64 * sizeof *stack);
  int32_t *slots = array(Slots * sizeof *slots);
  assemble();
  assemble();
  memcpy(code, program, sizeof program);
  uint32_t steps = 0;
  while (again()) {
    memset(slots, 0, Slots * sizeof *slots);
    TIMED(steps = run(code, stack, slots));
  }
  check(slots, Slots * sizeof *slots);
  check(&steps, sizeof steps);
  return finish();
}
