// Addresses in loop nests, in the type of the memory's addresses: affine
// functions of the induction variables with constants that they have in
// programs, and with those at which sums wrap or leave what fits.
#include "tests/exact/nests.h"

namespace exact {

static constexpr int64_t bit(unsigned number) {
  return static_cast<int64_t>(uint64_t(1) << number);
}

/// Modulo 2^64.
static int64_t sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) +
                              static_cast<uint64_t>(b));
}

std::string NestGenerator::extend(Type type, const std::string &value) {
  return extended(type, value, type == Type::I64 && random.chance(15));
}

std::string NestGenerator::parameter(Type type,
                                     std::initializer_list<const char *> all) {
  if (type == Type::I64 && random.chance(6))
    return get("d");
  return extend(type, get(random.pick(all)));
}

std::string NestGenerator::asAddress(Type type, const std::string &value) {
  return type == addressType ? value : extend(addressType, value);
}

/// What has more than 32 bits, and what 2^64 is a multiple of.
std::string NestGenerator::farStep(const std::string &number) {
  switch (random.below(3)) {
  case 0:
    return op("i64.shl", number,
              constant(random.pick({27, 31, 32, 47, 48, 61, 62, 62, 63, 63}),
                       Type::I64));
  case 1:
    return op("i64.mul", number,
              constant(random.pick({bit(40), bit(48) + 8, -bit(32), -bit(48)}),
                       Type::I64));
  default:
    return op("i64.add", op("i64.and", number, constant(15, Type::I64)),
              constant(sum(random.pick({bit(32), bit(47), bit(48), bit(63),
                                        -bit(32), -bit(48)}),
                           random.between(-15, 0)),
                       Type::I64));
  }
}

/// What does not vary in any loop: most of the time a number of elements, of
/// either sign, zero too.
std::string NestGenerator::unknownStep(Type type, uint32_t size) {
  std::string number = parameter(type, {"a", "b", "c"});
  if (type == Type::I64 && random.chance(25))
    return farStep(number);
  switch (random.below(8)) {
  case 0:
    return number;
  case 1:
    return op(type, "mul", number, constant(size, type));
  case 2: // near the largest
    return op(type, "add", op(type, "and", number, constant(15, type)),
              constant(random.pick({(1 << 27) - 8, (1 << 30) - 8, INT32_MAX - 7,
                                    -(1 << 27) - 8}),
                       type));
  case 3:
    return op(type, "mul",
              op(type, "sub", op(type, "and", number, constant(31, type)),
                 constant(15, type)),
              constant(size, type));
  default:
    return op(type, "mul",
              op(type, "and", number, constant(random.pick({7, 31}), type)),
              constant(size * random.pick({1, 1, 1, 8}), type));
  }
}

/// Beyond what fits, or where sums wrap, some into memory.
std::string NestGenerator::farLead() {
  auto number = [](int64_t value) { return constant(value, Type::I64); };
  auto far = [&] {
    return number(sum(
        random.pick({bit(32), bit(47), bit(48), bit(63), -bit(32), -bit(48)}),
        random.between(-16, 8)));
  };
  // The lowest bit of a parameter is 2^63, which nobody sees in it.
  auto half = [&] { return op("i64.shl", get("d"), number(63)); };
  std::string near = extend(Type::I64, get("a"));
  switch (random.chance(70) ? farKind : random.below(10)) {
  case 0:
  case 1:
    return op("i64.add", get("d"), number(8 * random.between(-8, 8)));
  case 2:
    return number(static_cast<int64_t>(interesting(random, Type::I64)));
  case 3:
    return op("i64.add", near, far());
  case 4: // sometimes
    return op("i64.add", near,
              op("i64.mul",
                 extend(Type::I64, op("i32.and", get("c"), constant(1))),
                 far()));
  case 5:
    return op("i64.sub", near, farStep(extend(Type::I64, get("b"))));
  case 6:
    return op("i64.add", half(), number(8 * random.between(-40, 40)));
  case 7:
  case 8: // there and back, to where rows end
    if (random.chance(40))
      near = number(8 * random.below(40));
    else if (random.chance(30))
      near = op("i64.sub", op("i64.shl", "(memory.size)", number(16)),
                number(random.below(400)));
    return op("i64.add", op("i64.add", near, half()),
              number(sum(bit(63), 8 * random.between(-8, 8))));
  default:
    return op(
        "i64.or", near,
        op("i64.shl", get("d"), number(random.pick({16, 32, 47, 48, 61, 63}))));
  }
}

std::string NestGenerator::lead(Type type, uint32_t size) {
  if (type == Type::I64 && random.chance(isFar ? 40 : 2))
    return farLead();
  switch (random.below(24)) {
  case 0:
    return constant(static_cast<int64_t>(interesting(random, type)), type);
  case 1: // near the end
    return op(
        type, "sub",
        extended(type, op("i32.mul", memorySize(addressType), constant(65536))),
        constant(random.below(400), type));
  case 2:
    return op(type, "mul", extend(type, get(random.pick({"b", "c", "n0"}))),
              constant(size, type));
  case 3:
  case 4:
    return op(type, "add", extend(type, get("a")),
              constant(4 * random.between(-20, 200), type));
  case 5:
  case 6:
  case 7:
  case 8:
  case 9:
  case 10:
  case 11:
    return constant(8 * random.below(2000), type);
  default:
    return extend(type, get("a"));
  }
}

/// What an induction variable adds.
std::string NestGenerator::term(Type type, const Loop &of, bool isInner,
                                uint32_t size) {
  std::string iv = type == Type::I32 ? of.iv : of.index;
  int64_t factor =
      isInner ? size : size * random.pick<int64_t>({1, 8, 10, 16, 40});
  if (random.chance(25))
    factor = random.pick<int64_t>(
        {1, 2, 4, 8, 12, 64, 4096, 65536, -1, -4, -8, -24, 1 << 28});
  if (type == Type::I64 && random.chance(6))
    factor = random.pick({bit(27), bit(31), bit(32), bit(40), bit(48), bit(60),
                          bit(61), bit(62), bit(63), -bit(31), -bit(32)});
  if (type == Type::I64 && random.chance(8)) // what comes round
    iv = op(type, random.pick({"and", "and", "rem_u"}),
            random.chance(50)
                ? iv
                : op(type, "add", iv, parameter(type, {"b", "c", "x1"})),
            constant(random.pick({3, 7, 24, 63, 255}), type));
  if (random.chance(isFar ? 30 : 14)) // a step that nobody knows
    return op(type, "mul", iv, unknownStep(type, size));
  if (random.chance(5)) // c - term, where no bit of it is c's
    return op(type, "xor", op(type, "mul", iv, constant(4, type)),
              constant(random.between(-4, -2), type));
  if (factor > 0 && (factor & (factor - 1)) == 0 && random.chance(50))
    return op(type, "shl", iv, constant(__builtin_ctzll(factor), type));
  return op(type, "mul", iv, constant(factor, type));
}

/// An affine function of the enclosing induction variables, most of the time.
std::string NestGenerator::address(Type type, uint32_t size) {
  std::string text = lead(type, size);
  for (size_t i = 0; i < loops.size(); ++i) {
    bool isInner = i + 1 == loops.size();
    if (!random.chance(isInner ? 92 : 70))
      continue;
    if (type == Type::I64 && loops[i].isPointer && random.chance(50)) {
      text = loops[i].index;
      continue;
    }
    std::string added = term(type, loops[i], isInner, size);
    text = op(type, random.chance(90) ? "add" : "sub", text, added);
  }
  std::string name = nameOf(type);
  std::string whole = type == Type::I32 ? ".load " : ".load32_u ";
  if (random.chance(3))
    text = "(" + name + whole +
           asAddress(type, op(type, "and", text, constant(0xfff8, type))) + ")";
  if (!loops.empty() && random.chance(5)) { // a place in a table, by a byte
    std::string at = op("i32.add", get("a"), loops.back().iv);
    std::string place =
        "(" + name + ".load8_u " + asAddress(Type::I32, at) + ")";
    text = op(type, "add", text,
              op(type, "shl", place, constant(random.below(5), type)));
  }
  if (random.chance(3)) {
    std::string name = random.pick({"and", "or", "xor"});
    text = op(type, name, text,
              constant(random.pick({0xffff, 4, 8, -8, -16}), type));
  }
  return text;
}

std::string NestGenerator::address(uint32_t size) {
  // What 32 bits hold at most, and then has 64.
  if (addressType == Type::I64 && random.chance(20)) {
    std::string narrow = address(Type::I32, size);
    if (random.chance(80))
      return extend(Type::I64, narrow);
    // Only one of both extensions gives what is added here back.
    int64_t moved = random.pick({bit(31), bit(32) - 65536});
    return op("i64.add",
              extended(Type::I64, op("i32.add", narrow, constant(moved)),
                       random.chance(50)),
              constant(-moved, Type::I64));
  }
  return address(addressType, size);
}

} // namespace exact
