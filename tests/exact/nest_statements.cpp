// What stands in loop nests: accesses, sums, calls, and what a producer makes
// of them by unrolling.
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

/// Modulo 2^32 or 2^64.
uint64_t NestGenerator::asOffset(int64_t offset) const {
  return addressType == Type::I64 ? static_cast<uint64_t>(offset)
                                  : static_cast<uint32_t>(offset);
}

std::string NestGenerator::loadOf(const Access &access, const std::string &at,
                                  int64_t offset) {
  uint64_t o = asOffset(offset);
  return "(" + access.load + printOffset(o) + " " + at + wideOffset(o) + ")";
}

std::string NestGenerator::storeOf(const Access &access, const std::string &at,
                                   int64_t offset, const std::string &value) {
  uint64_t o = asOffset(offset);
  return "(" + access.store + printOffset(o) + " " + at + " " + value +
         wideOffset(o) + ")";
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
      return addressType == Type::I64 ? loops.back().index
                                      : op("i64.extend_i32_u", loops.back().iv);
    return op(std::string(nameOf(type)) + ".convert_i32_s", loops.back().iv);
  default: {
    Access from = access();
    while (from.type != type)
      from = access();
    std::string first =
        loadOf(from, address(from.size),
               random.chance(85)
                   ? 0
                   : static_cast<int64_t>(staticOffset(random, addressType)));
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
            ? extend(addressType, get("a"))
            : constant(
                  static_cast<int64_t>(random.chance(80)
                                           ? 8 * random.below(2000)
                                           : interesting(random, addressType)),
                  addressType);
    if (isFar && random.chance(40))
      base = farLead();
    if (loops.size() > 1)
      base = op(addressType, "add", base,
                op(addressType, "mul", loops.front().index,
                   constant(random.pick({4, 8, 80, 160}), addressType)));
    return op(
        addressType, "add", base,
        op(addressType, "mul", inner.index, constant(factor, addressType)));
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

/// Of a variable that is no induction variable, but makes addresses.
Type NestGenerator::movedType() {
  return addressType == Type::I64 && random.chance(70) ? Type::I64 : Type::I32;
}

/// A constant away; seldom so far that memory has never both.
std::string NestGenerator::neighbour(const std::string &address,
                                     uint32_t size) {
  int64_t distance = size * random.pick<int64_t>({1, 1, 2, 7, 16});
  if (addressType == Type::I64 && random.chance(isFar ? 30 : 3))
    distance <<= random.pick({14, 16, 28, 32, 44, 48});
  return op(addressType, random.pick({"sub", "add"}), address,
            constant(distance, addressType));
}

/// A store to a place that moves on where data says so.
void NestGenerator::addMoved(Statements &to, const Access &access,
                             int64_t offset) {
  Type type = movedType();
  std::string kept = random.pick({"1", "2"});
  kept = (type == Type::I64 ? "y" : "x") + kept;
  std::string at =
      random.chance(50)
          ? get(kept)
          : op(type, "add",
               type == Type::I64 ? lead(type, access.size) : get("a"),
               op(type, "mul", get(kept),
                  constant(random.pick({1, 4, 8, -4}), type)));
  at = asAddress(type, at);
  std::string stored = value(access.type);
  if (random.chance(25))
    stored =
        combine(access.type, loadOf(access, neighbour(at, access.size), offset),
                stored);
  if (random.chance(25)) { // or by as much as data says
    to.emplace_back(storeOf(access, at, offset, stored));
    std::string by = op(type, "and", load(random, type, address(4), 0),
                        constant(random.pick({1, 7, 8, 0x7fff}), type));
    if (random.chance(40))
      by = op(type, "sub", by, constant(random.pick({1, 4, 8}), type));
    to.emplace_back(set(kept, op(type, "add", get(kept), by)));
    return;
  }
  to.push_back({"(if (i32.and " + load(random, Type::I32, address(4), 0) +
                    " (i32.const 1)) (then",
                {storeOf(access, at, offset, stored),
                 set(kept, op(type, "add", get(kept),
                              constant(random.pick({1, 4, 8, -4}), type)))},
                "))"});
}

void NestGenerator::addStatement(Statements &to) {
  Access access = this->access();
  std::string sum = accumulator(access.type);
  int64_t offset =
      random.chance(85)
          ? 0
          : static_cast<int64_t>(staticOffset(random, addressType));
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
    std::string from = neighbour(at, access.size);
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
        op(addressType, random.pick({"eq", "ge_u"}), loops.back().index,
           random.chance(50) ? parameter(addressType, {"c"})
                             : constant(random.below(40), addressType)) +
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
      to.emplace_back(helperCall(random, wrapped(addressType, address(4)),
                                 random.chance(50) ? get("c") : get("x0")));
    else
      to.emplace_back("(global.set $g@ " +
                      op("i32.add", "(global.get $g@)", loops.back().iv) + ")");
    return;
  case 19:
    if (random.chance(40))
      to.push_back({"(if (i32.and " +
                    op("i32.lt_u", memorySize(addressType), constant(5)) + " " +
                    op("i32.eq", loops.back().iv, constant(random.below(12))) +
                    ") (then (drop " + memoryGrow(addressType, constant(1)) +
                    ")))"});
    else
      to.emplace_back(set("x1", loops.back().iv));
    return;
  case 20: { // the address is a sum over the trips
    Type type = movedType();
    std::string moved = type == Type::I64 ? "y2" : "x2";
    to.emplace_back(set(
        moved, op(type, "add", get(moved),
                  random.chance(60)
                      ? constant(random.pick({1, 4, 8, -4, 12, 1 << 30}), type)
                      : parameter(type, {"c"}))));
    to.emplace_back(storeOf(access, asAddress(type, get(moved)), offset,
                            value(access.type)));
    return;
  }
  case 24: // what data lets through goes behind what it did before
  case 26:
  case 27:
    addMoved(to, access, offset);
    return;
  case 25: // a search
    to.emplace_back(
        "(br_if $x" + std::to_string(loops.back().number) + " " +
        op(random.pick({"i32.eq", "i32.gt_s", "i32.lt_u"}),
           "(i32.load8_u " +
               op(addressType, "add", parameter(addressType, {"a", "c"}),
                  loops.back().index) +
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
