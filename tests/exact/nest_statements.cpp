// What stands in loop nests: accesses at affine and other addresses, sums,
// calls, and what a producer makes of them by unrolling.
#include "tests/exact/nests.h"

namespace exact {

std::string NestGenerator::accumulator(Type type) {
  switch (type) {
  case Type::I32:
    return "x0";
  case Type::I64:
    return "y0";
  case Type::F32:
    return "w0";
  default:
    return "z0";
  }
}

Access NestGenerator::access() {
  static const Access all[] = {
      {Type::I32, 4, "i32.load", "i32.store"},
      {Type::I32, 4, "i32.load", "i32.store"},
      {Type::I64, 8, "i64.load", "i64.store"},
      {Type::F64, 8, "f64.load", "f64.store"},
      {Type::F64, 8, "f64.load", "f64.store"},
      {Type::F32, 4, "f32.load", "f32.store"},
      {Type::I32, 1, "i32.load8_u", "i32.store8"},
      {Type::I32, 2, "i32.load16_s", "i32.store16"},
      {Type::I64, 4, "i64.load32_u", "i64.store32"},
      {Type::I64, 1, "i64.load8_s", "i64.store8"},
  };
  return all[random.below(sizeof all / sizeof *all)];
}

std::string NestGenerator::loadOf(const Access &access, const std::string &at,
                                  int64_t offset) {
  uint64_t o = static_cast<uint32_t>(offset);
  return "(" + access.load + (o ? " offset=" + std::to_string(o) : "") + " " +
         at + ")";
}

std::string NestGenerator::storeOf(const Access &access, const std::string &at,
                                   int64_t offset, const std::string &value) {
  uint64_t o = static_cast<uint32_t>(offset);
  return "(" + access.store + (o ? " offset=" + std::to_string(o) : "") + " " +
         at + " " + value + ")";
}

/// What does not vary in any loop: most of the time a number of elements, of
/// either sign, zero too.
std::string NestGenerator::unknownStep(uint32_t size) {
  std::string number = get(random.pick({"a", "b", "c"}));
  switch (random.below(8)) {
  case 0:
    return number;
  case 1:
    return op("i32.mul", number, constant(size));
  case 2: // near the largest
    return op("i32.add", op("i32.and", number, constant(15)),
              constant(random.pick({(1 << 27) - 8, (1 << 30) - 8, INT32_MAX - 7,
                                    -(1 << 27) - 8})));
  case 3:
    return op("i32.mul",
              op("i32.sub", op("i32.and", number, constant(31)), constant(15)),
              constant(size));
  default:
    return op("i32.mul", op("i32.and", number, constant(random.pick({7, 31}))),
              constant(size * random.pick({1, 1, 1, 8})));
  }
}

/// An affine function of the enclosing induction variables, most of the time.
std::string NestGenerator::address(uint32_t size) {
  std::string text;
  switch (random.below(24)) {
  case 0:
    text = constant(static_cast<int64_t>(interesting(random, Type::I32)));
    break;
  case 1: // near the end
    text = op("i32.sub", op("i32.mul", "(memory.size)", constant(65536)),
              constant(random.below(400)));
    break;
  case 2:
    text = op("i32.mul", get(random.pick({"b", "c", "n0"})), constant(size));
    break;
  case 3:
  case 4:
    text = op("i32.add", get("a"), constant(4 * random.between(-20, 200)));
    break;
  case 5:
  case 6:
  case 7:
  case 8:
  case 9:
  case 10:
  case 11:
    text = constant(8 * random.below(2000));
    break;
  default:
    text = get("a");
    break;
  }
  for (size_t i = 0; i < loops.size(); ++i) {
    bool isInner = i + 1 == loops.size();
    if (!random.chance(isInner ? 92 : 70))
      continue;
    int64_t factor =
        isInner ? size : size * random.pick<int64_t>({1, 8, 10, 16, 40});
    if (random.chance(25))
      factor = random.pick<int64_t>(
          {1, 2, 4, 8, 12, 64, 4096, 65536, -1, -4, -8, -24, 1 << 28});
    std::string term = loops[i].iv;
    if (random.chance(14)) // a step that nobody knows
      term = op("i32.mul", term, unknownStep(size));
    else if (random.chance(5)) // c - term, where no bit of it is c's
      term = op("i32.xor", op("i32.mul", term, constant(4)),
                constant(random.between(-4, -2)));
    else if (factor > 0 && (factor & (factor - 1)) == 0 && random.chance(50))
      term = op("i32.shl", term, constant(__builtin_ctzll(factor)));
    else
      term = op("i32.mul", term, constant(factor));
    text = random.chance(90) ? op("i32.add", text, term)
                             : op("i32.sub", text, term);
  }
  if (random.chance(3))
    text = "(i32.load " + op("i32.and", text, constant(0xfff8)) + ")";
  if (!loops.empty() && random.chance(5)) // a place in a table, by a byte
    text =
        op("i32.add", text,
           op("i32.shl",
              "(i32.load8_u " + op("i32.add", get("a"), loops.back().iv) + ")",
              constant(random.below(5))));
  if (random.chance(3))
    text = op(random.pick({"i32.and", "i32.or", "i32.xor"}), text,
              constant(random.pick({0xffff, 4, 8, -8, -16})));
  return text;
}

std::string NestGenerator::combine(Type type, const std::string &a,
                                   const std::string &b) {
  std::string name = nameOf(type);
  if (type == Type::F32 || type == Type::F64)
    return canonical(
        type, op(name + random.pick({".add", ".mul", ".sub", ".max"}), a, b));
  if (random.chance(3))
    return op(name + random.pick({".div_s", ".rem_u"}), a, b);
  return op(name + random.pick({".add", ".add", ".mul", ".sub", ".xor"}), a, b);
}

/// What is stored: loads, an induction variable, the sum so far.
std::string NestGenerator::value(Type type) {
  switch (random.below(6)) {
  case 0:
    return get(accumulator(type));
  case 1:
    if (type == Type::I32)
      return loops.back().iv;
    if (type == Type::I64)
      return op("i64.extend_i32_u", loops.back().iv);
    return op(std::string(nameOf(type)) + ".convert_i32_s", loops.back().iv);
  default: {
    Access from = access();
    while (from.type != type)
      from = access();
    std::string first = loadOf(
        from, address(from.size),
        random.chance(85) ? 0 : static_cast<int64_t>(staticOffset(random)));
    if (random.chance(40))
      return first;
    return combine(type, first, value(type));
  }
  }
}

/// What a producer unrolls: copies of a statement, a constant apart.
void NestGenerator::addUnrolled(Statements &to) {
  Access access = this->access();
  uint32_t copies = random.pick({2, 2, 3, 4, 4, 8});
  uint32_t apart = access.size;
  const Loop &inner = loops.back();
  if (random.chance(15))
    apart = random.pick({1u, 2 * access.size, access.size + 1});
  // The address moves on by all copies.
  int64_t factor = inner.step != 0 && copies % inner.step == 0
                       ? copies / inner.step * apart
                       : copies * apart;
  auto row = [&] {
    std::string base =
        random.chance(60)
            ? get("a")
            : constant(static_cast<int64_t>(
                  random.chance(80) ? 8 * random.below(2000)
                                    : interesting(random, Type::I32)));
    if (loops.size() > 1)
      base = op("i32.add", base,
                op("i32.mul", loops.front().iv,
                   constant(random.pick({4, 8, 80, 160}))));
    return op("i32.add", base, op("i32.mul", inner.iv, constant(factor)));
  };
  std::string to1 = row();
  std::string from = random.chance(50) ? to1 : row();
  int64_t distance =
      random.pick<int64_t>({0, 0, 0, 1, -1, 2, 4, -4, 8}) * apart;
  int64_t offset = random.chance(70) ? 0 : random.below(64);
  bool isReduction = random.chance(40);
  bool isReverse = random.chance(15);
  uint32_t odd = random.chance(20) ? random.below(copies) : copies;
  Random keep = random;
  Random wrong(random.bits());
  for (uint32_t i = 0; i < copies; ++i) {
    uint32_t u = isReverse ? copies - 1 - i : i;
    random = keep; // the same operators in each copy
    int64_t shift = u * apart;
    if (u == odd)
      shift += wrong.pick<int64_t>({1, -1, access.size, 16});
    std::string loaded = loadOf(access, from, offset + distance + shift);
    std::string sum = accumulator(access.type);
    if (isReduction)
      to.emplace_back(set(sum, combine(access.type, get(sum), loaded)));
    else
      to.emplace_back(storeOf(
          access, to1, offset + shift,
          combine(access.type, loaded, random.chance(50) ? loaded : get(sum))));
  }
  random.bits();
}

void NestGenerator::addStatement(Statements &to) {
  Access access = this->access();
  std::string sum = accumulator(access.type);
  int64_t offset =
      random.chance(85) ? 0 : static_cast<int64_t>(staticOffset(random));
  switch (random.below(34)) {
  case 0:
  case 1:
  case 2:
  case 3:
  case 4:
    to.emplace_back(
        storeOf(access, address(access.size), offset, value(access.type)));
    return;
  case 5:
  case 6:
  case 7:
    to.emplace_back(
        set(sum, combine(access.type, get(sum),
                         loadOf(access, address(access.size), offset))));
    return;
  case 8:
  case 9:
  case 10:
  case 11:
    addUnrolled(to);
    return;
  case 12: // a prefix sum, or any other distance
  case 13: {
    std::string at = address(access.size);
    std::string from =
        op(random.pick({"i32.sub", "i32.add"}), at,
           constant(access.size * random.pick<int64_t>({1, 1, 2, 7, 16})));
    to.emplace_back(storeOf(access, at, offset,
                            combine(access.type, loadOf(access, from, offset),
                                    value(access.type))));
    return;
  }
  case 14: // an exit that data decides on
    to.emplace_back("(br_if $x" + std::to_string(loops.back().number) + " " +
                    op(random.pick({"i32.eq", "i32.gt_s", "i32.lt_u"}),
                       load(random, Type::I32, address(4), 0),
                       constant(random.pick({0, 1, 40, -1, 1000}))) +
                    ")");
    return;
  case 15:
    to.emplace_back(
        "(br_if $x" +
        std::to_string(
            loops[random.below(static_cast<uint32_t>(loops.size()))].number) +
        " " +
        op(random.pick({"i32.eq", "i32.ge_u"}), loops.back().iv,
           random.chance(50) ? get("c") : constant(random.below(40))) +
        ")");
    return;
  case 16:
  case 17:
    to.push_back(
        {"(if (i32.and " + load(random, Type::I32, address(4), 0) +
             " (i32.const 1)) (then",
         {storeOf(access, address(access.size), offset, value(access.type))},
         "))"});
    return;
  case 18:
    if (random.chance(50))
      to.emplace_back(helperCall(random, address(4),
                                 random.chance(50) ? get("c") : get("x0")));
    else
      to.emplace_back("(global.set $g@ " +
                      op("i32.add", "(global.get $g@)", loops.back().iv) + ")");
    return;
  case 19:
    if (random.chance(40))
      to.push_back({"(if (i32.and (i32.lt_u (memory.size) (i32.const 5)) " +
                    op("i32.eq", loops.back().iv, constant(random.below(12))) +
                    ") (then (drop (memory.grow (i32.const 1)))))"});
    else
      to.emplace_back(set("x1", loops.back().iv));
    return;
  case 20: // the address is a sum over the trips
    to.emplace_back(
        set("x2", op("i32.add", get("x2"),
                     random.chance(60)
                         ? constant(random.pick({1, 4, 8, -4, 12, 1 << 30}))
                         : get("c"))));
    to.emplace_back(storeOf(access, get("x2"), offset, value(access.type)));
    return;
  case 24: // what data lets through goes behind what it did before
  case 26:
  case 27: {
    std::string kept = random.pick({"x1", "x2"});
    std::string at = random.chance(50)
                         ? get(kept)
                         : op("i32.add", get("a"),
                              op("i32.mul", get(kept),
                                 constant(random.pick({1, 4, 8, -4}))));
    if (random.chance(25)) { // or by as much as data says
      to.emplace_back(storeOf(access, at, offset, value(access.type)));
      std::string by = op("i32.and", load(random, Type::I32, address(4), 0),
                          constant(random.pick({1, 7, 8, 0x7fff})));
      if (random.chance(40))
        by = op("i32.sub", by, constant(random.pick({1, 4, 8})));
      to.emplace_back(set(kept, op("i32.add", get(kept), by)));
      return;
    }
    to.push_back({"(if (i32.and " + load(random, Type::I32, address(4), 0) +
                      " (i32.const 1)) (then",
                  {storeOf(access, at, offset, value(access.type)),
                   set(kept, op("i32.add", get(kept),
                                constant(random.pick({1, 4, 8, -4}))))},
                  "))"});
    return;
  }
  case 25: // a search
    to.emplace_back(
        "(br_if $x" + std::to_string(loops.back().number) + " " +
        op(random.pick({"i32.eq", "i32.gt_s", "i32.lt_u"}),
           "(i32.load8_u " +
               op("i32.add", get(random.pick({"a", "c"})), loops.back().iv) +
               ")",
           constant(random.pick({0, 1, 40, 200}))) +
        ")");
    return;
  case 28:
  case 29:
    addLeftOver(to);
    return;
  case 30:
  case 31:
    addCursor(to);
    return;
  case 32:
    addHalving(to);
    return;
  case 21:
    to.emplace_back(
        set("x3", op("i32.trunc_f64_s", "(f64.load " + address(8) + ")")));
    return;
  default:
    to.emplace_back("(drop " + loadOf(access, address(access.size), offset) +
                    ")");
    return;
  }
}

} // namespace exact
