// An interpreter of a stack machine, which counts the primes below a limit.
#include "bench.h"

enum Op { Push, Load, Store, Add, Sub, Rem, Less, Jump, JumpIfZero, End };

typedef struct {
  uint8_t op, argument;
} Instruction;

// Variables: 0 the candidate, 1 the divisor, 2 the primes so far.
static const Instruction code[] = {
    {Push, 2},        {Store, 0}, {Push, 0},  {Store, 2}, {Load, 0},
    {Push, 250},      {Less, 0}, // 4: another candidate?
    {JumpIfZero, 32}, {Push, 2},  {Store, 1}, {Load, 1},  {Load, 0},
    {Less, 0}, // 10: another divisor?
    {JumpIfZero, 23}, {Load, 0},  {Load, 1},  {Rem, 0},   {JumpIfZero, 27},
    {Load, 1},        {Push, 1},  {Add, 0},   {Store, 1}, {Jump, 10},
    {Load, 2},        {Push, 1},  {Add, 0},   {Store, 2}, // 23: a prime
    {Load, 0},        {Push, 1},  {Add, 0},   {Store, 0}, // 27: go on
    {Jump, 4},        {End, 0}};

static uint32_t stack[16], variables[4];

uint32_t run(void) {
  uint32_t *top = stack, steps = 0;
  for (const Instruction *at = code;; ++steps) {
    Instruction now = *at++;
    switch (now.op) {
    case Push:
      *top++ = now.argument;
      break;
    case Load:
      *top++ = variables[now.argument];
      break;
    case Store:
      variables[now.argument] = *--top;
      break;
    case Add:
      --top;
      top[-1] += *top;
      break;
    case Sub:
      --top;
      top[-1] -= *top;
      break;
    case Rem:
      --top;
      top[-1] %= *top;
      break;
    case Less:
      --top;
      top[-1] = top[-1] < *top;
      break;
    case Jump:
      at = code + now.argument;
      break;
    case JumpIfZero:
      if (!*--top)
        at = code + now.argument;
      break;
    case End:
      return mix(steps, variables[2]);
    }
  }
}
