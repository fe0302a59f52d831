// Loops whose form says more than their counts do: rows that were unrolled,
// with what is left over first; places that only ascend up to an end, whichever
// loop moves them on; intervals that are halved. And those that look alike.
#include "tests/exact/nests.h"

#include <array>

namespace exact {

static std::string branchIf(const std::string &label,
                            const std::string &condition) {
  return "(br_if $" + label + " " + condition + ")";
}

static std::string isZero(Type type, const std::string &value) {
  return op(std::string(nameOf(type)) + ".eqz", value);
}

static std::string isTrue(Type type, const std::string &value) {
  return type == Type::I32 ? value : op(type, "ne", value, constant(0, type));
}

static std::string ivOf(Type type, const Loop &loop) {
  return type == Type::I64 ? loop.index : loop.iv;
}

/// The locals of this type that these have.
static std::array<std::string, 4> rowLocals(Type type) {
  if (type == Type::I64)
    return {"wj", "we", "wm", "wr"};
  return {"j", "e", "m", "r"};
}

/// A few, as long as the program's inputs are not asked.
std::string NestGenerator::rowEnd(Type type) {
  switch (random.below(4)) {
  case 0:
    return constant(random.below(24), type);
  case 1:
    return op(type, "and", extend(type, get(random.pick({"b", "c"}))),
              constant(31, type));
  case 2:
    return op(type, "add", ivOf(type, loops.back()),
              constant(random.below(16), type));
  default:
    return extend(type, get("n0"));
  }
}

/// Moves over less than the memory, or leaves it.
void NestGenerator::addLeftOver(Statements &to) {
  Type type = movedType();
  auto [j, e, m, r] = rowLocals(type);
  Access access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, skip = "s" + number, by1 = "o" + number,
              all = "l" + number;
  uint32_t copies = random.pick({2, 4, 4, 4, 8});
  std::string first = random.chance(70)
                          ? op(type, "add", ivOf(type, loops.back()),
                               constant(random.between(-1, 3), type))
                          : extend(type, get(random.pick({"b", "c", "n0"})));
  bool isLike = random.chance(75); // what producers make
  std::string mask =
      constant(isLike ? copies - 1 : random.pick({1, 3, 7, 12}), type);
  std::string base = op(type, "add", extend(type, get("a")),
                        op(type, "mul", ivOf(type, loops.front()),
                           constant(random.pick({0, 8, 80, 160}), type)));
  std::string at =
      asAddress(type, op(type, "add", base,
                         op(type, "mul", get(j), constant(access.size, type))));
  std::string sum = accumulator(access.type);
  auto store = [&](uint32_t copy) {
    return storeOf(
        access, at, copy * access.size,
        combine(access.type, get(sum), loadOf(access, at, copy * access.size)));
  };
  std::string left = op(type, "sub", get(e), get(j));
  std::string text = "(block $" + out + " ";
  text += set(j, first) + " " + set(e, rowEnd(type)) + " ";
  text += set(m, left) + " ";
  if (isLike || random.chance(50))
    text += branchIf(out, op(type, "ge_s", get(j), get(e))) + " ";
  text += set(r, op(type, "and", left, mask)) + " ";
  std::string none =
      random.chance(60)
          ? isZero(type, get(r))
          : op(type, "eq",
               op(type, "and", op(type, "sub", get(j), get(e)), mask),
               constant(isLike ? 0 : random.below(3), type));
  text += "(block $" + skip + " " + branchIf(skip, none);
  text += " (loop $" + by1 + " " + store(0) + " " +
          set(j, op(type, "add", get(j), constant(1, type))) + " " +
          set(r, op(type, "sub", get(r), constant(1, type))) + " " +
          branchIf(by1, isTrue(type, get(r))) + ")) ";
  if (isLike || random.chance(70))
    text +=
        branchIf(out, op(type, "lt_u", get(m),
                         constant(isLike ? copies : random.below(9), type))) +
        " ";
  text += set(r, left) + " (loop $" + all;
  for (uint32_t copy = 0; copy < copies; ++copy)
    text += " " + store(copy);
  text += " " + set(j, op(type, "add", get(j), constant(copies, type))) + " " +
          set(r, op(type, "sub", get(r), constant(copies, type))) + " " +
          branchIf(all, isTrue(type, get(r))) + "))";
  to.emplace_back(text);
}

/// Places that ascend while they are below an end, here and there.
void NestGenerator::addCursor(Statements &to) {
  Type type = movedType();
  auto [j, e, m, r] = rowLocals(type);
  Access access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, inside = "i" + number, outside = "l" + number,
              leave = "s" + number;
  std::string less =
      random.pick({"lt_s", "lt_s", "lt_s", "le_s", "lt_u", "ne"});
  std::string at =
      asAddress(type, op(type, "add",
                         random.chance(70) ? extend(type, get("a"))
                                           : constant(random.below(900), type),
                         op(type, "mul", get(j), constant(access.size, type))));
  auto isBelow = [&] { return op(type, less, get(j), get(e)); };
  auto move = [&] {
    return set(j, op(type, "add", get(j),
                     constant(random.pick({1, 1, 1, 2, 4, -1}), type)));
  };
  std::string sum = accumulator(access.type);
  std::string use =
      random.chance(50)
          ? set(sum, combine(access.type, get(sum), loadOf(access, at, 0)))
          : storeOf(access, at, 0, get(sum));
  // It takes what is left of its fuel, whatever else ends it.
  std::string text =
      "(block $" + out + " " +
      set(j, random.chance(75) ? constant(random.between(-1, 2), type)
                               : parameter(type, {"c"})) +
      " " + set(e, rowEnd(type)) + " " + set(m, constant(60, type));
  if (random.chance(85))
    text += " " + branchIf(out, "(i32.eqz " + isBelow() + ")");
  text += " (loop $" + outside + " ";
  if (random.chance(50))
    text += use + " ";
  text += "(block $" + leave + " (loop $" + inside + " ";
  if (random.chance(70))
    text += branchIf(leave, "(i32.eqz " + isBelow() + ")") + " ";
  text += use + " " +
          branchIf(out,
                   isZero(type, "(local.tee $" + m + " " +
                                    op(type, "sub", get(m), constant(1, type)) +
                                    ")")) +
          " " + move() + " ";
  if (random.chance(30))
    text += branchIf(leave, "(i32.eqz " + isBelow() + ")") + " ";
  text += branchIf(inside, op("i32.and",
                              "(i32.load8_u " + asAddress(type, get(j)) + ")",
                              constant(random.pick({1, 2, 255})))) +
          ")) ";
  if (random.chance(30))
    text += move() + " ";
  text += branchIf(outside, isBelow()) + "))";
  to.emplace_back(text + " " + mixInto(type, get(j)));
}

/// Looks for something in the middle of what is left.
void NestGenerator::addHalving(Statements &to) {
  Type type = movedType();
  auto [j, e, m, r] = rowLocals(type);
  Access access = this->access();
  while (access.type != Type::I32)
    access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, halve = "l" + number;
  std::string less = random.pick({"lt_s", "lt_s", "lt_s", "lt_u", "ne"});
  std::string half = op(type, random.chance(70) ? "shr_u" : "div_s",
                        op(type, "sub", get(e), get(j)),
                        constant(random.chance(70) ? 1 : 2, type));
  std::string middle = random.chance(80)
                           ? op(type, "add", get(j), half)
                           : op(type, "shr_u", op(type, "add", get(j), get(e)),
                                constant(1, type));
  std::string at =
      asAddress(type, op(type, "add", extend(type, get("a")),
                         op(type, "mul", get(m), constant(access.size, type))));
  std::string text =
      "(block $" + out + " " +
      set(j, random.chance(75) ? constant(0, type) : parameter(type, {"b"})) +
      " " + set(e, random.chance(25) ? parameter(type, {"c"}) : rowEnd(type)) +
      " " + set(r, constant(40, type));
  if (random.chance(80))
    text +=
        " " + branchIf(out, "(i32.eqz " + op(type, less, get(j), get(e)) + ")");
  text += " (loop $" + halve + " " + set(m, middle) + " ";
  text +=
      "(if " +
      op("i32.lt_s", loadOf(access, at, 0),
         random.chance(50) ? loops.back().iv : constant(40)) +
      " (then " +
      set(j, op(type, "add", get(m),
                constant(random.pick({1, 1, 1, 2, 0}), type))) +
      ") (else " +
      set(e, random.chance(80) ? get(m)
                               : op(type, "sub", get(m), constant(1, type))) +
      ")) ";
  text += branchIf(out,
                   isZero(type, "(local.tee $" + r + " " +
                                    op(type, "sub", get(r), constant(1, type)) +
                                    ")")) +
          " ";
  text += branchIf(halve, op(type, less, get(j), get(e))) + "))";
  to.emplace_back(text + " " + mixInto(type, get(j)));
}

} // namespace exact
