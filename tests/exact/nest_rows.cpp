// Loops whose form says more than their counts do: rows that were unrolled,
// with what is left over first; places that only ascend up to an end, whichever
// loop moves them on; intervals that are halved. And those that look alike.
#include "tests/exact/nests.h"

namespace exact {

static std::string branchIf(const std::string &label,
                            const std::string &condition) {
  return "(br_if $" + label + " " + condition + ")";
}

/// A few, as long as the program's inputs are not asked.
std::string NestGenerator::rowEnd() {
  switch (random.below(4)) {
  case 0:
    return constant(random.below(24));
  case 1:
    return op("i32.and", get(random.pick({"b", "c"})), constant(31));
  case 2:
    return op("i32.add", loops.back().iv, constant(random.below(16)));
  default:
    return get("n0");
  }
}

/// Moves over less than the memory, or leaves it.
void NestGenerator::addLeftOver(Statements &to) {
  Access access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, skip = "s" + number, by1 = "o" + number,
              all = "l" + number;
  uint32_t copies = random.pick({2, 4, 4, 4, 8});
  std::string first = random.chance(70) ? op("i32.add", loops.back().iv,
                                             constant(random.between(-1, 3)))
                                        : get(random.pick({"b", "c", "n0"}));
  bool isLike = random.chance(75); // what producers make
  std::string mask = constant(isLike ? copies - 1 : random.pick({1, 3, 7, 12}));
  std::string base = op(
      "i32.add", get("a"),
      op("i32.mul", loops.front().iv, constant(random.pick({0, 8, 80, 160}))));
  std::string at =
      op("i32.add", base, op("i32.mul", get("j"), constant(access.size)));
  std::string sum = accumulator(access.type);
  auto store = [&](uint32_t copy) {
    return storeOf(
        access, at, copy * access.size,
        combine(access.type, get(sum), loadOf(access, at, copy * access.size)));
  };
  std::string left = op("i32.sub", get("e"), get("j"));
  std::string text = "(block $" + out + " ";
  text += set("j", first) + " " + set("e", rowEnd()) + " ";
  text += set("m", left) + " ";
  if (isLike || random.chance(50))
    text += branchIf(out, op("i32.ge_s", get("j"), get("e"))) + " ";
  text += set("r", op("i32.and", left, mask)) + " ";
  std::string none =
      random.chance(60)
          ? "(i32.eqz " + get("r") + ")"
          : op("i32.eq", op("i32.and", op("i32.sub", get("j"), get("e")), mask),
               constant(isLike ? 0 : random.below(3)));
  text += "(block $" + skip + " " + branchIf(skip, none);
  text += " (loop $" + by1 + " " + store(0) + " " +
          set("j", op("i32.add", get("j"), constant(1))) + " " +
          set("r", op("i32.sub", get("r"), constant(1))) + " " +
          branchIf(by1, get("r")) + ")) ";
  if (isLike || random.chance(70))
    text += branchIf(out, op("i32.lt_u", get("m"),
                             constant(isLike ? copies : random.below(9)))) +
            " ";
  text += set("r", left) + " (loop $" + all;
  for (uint32_t copy = 0; copy < copies; ++copy)
    text += " " + store(copy);
  text += " " + set("j", op("i32.add", get("j"), constant(copies))) + " " +
          set("r", op("i32.sub", get("r"), constant(copies))) + " " +
          branchIf(all, get("r")) + "))";
  to.emplace_back(text);
}

/// Places that ascend while they are below an end, here and there.
void NestGenerator::addCursor(Statements &to) {
  Access access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, inside = "i" + number, outside = "l" + number,
              leave = "s" + number;
  std::string less = random.pick(
      {"i32.lt_s", "i32.lt_s", "i32.lt_s", "i32.le_s", "i32.lt_u", "i32.ne"});
  std::string at =
      op("i32.add", random.chance(70) ? get("a") : constant(random.below(900)),
         op("i32.mul", get("j"), constant(access.size)));
  auto isBelow = [&] { return op(less, get("j"), get("e")); };
  auto move = [&] {
    return set("j", op("i32.add", get("j"),
                       constant(random.pick({1, 1, 1, 2, 4, -1}))));
  };
  std::string sum = accumulator(access.type);
  std::string use =
      random.chance(50)
          ? set(sum, combine(access.type, get(sum), loadOf(access, at, 0)))
          : storeOf(access, at, 0, get(sum));
  // It takes what is left of its fuel, whatever else ends it.
  std::string text =
      "(block $" + out + " " +
      set("j", random.chance(75) ? constant(random.between(-1, 2)) : get("c")) +
      " " + set("e", rowEnd()) + " " + set("m", constant(60));
  if (random.chance(85))
    text += " " + branchIf(out, "(i32.eqz " + isBelow() + ")");
  text += " (loop $" + outside + " ";
  if (random.chance(50))
    text += use + " ";
  text += "(block $" + leave + " (loop $" + inside + " ";
  if (random.chance(70))
    text += branchIf(leave, "(i32.eqz " + isBelow() + ")") + " ";
  text += use + " " +
          branchIf(out, "(i32.eqz (local.tee $m " +
                            op("i32.sub", get("m"), constant(1)) + "))") +
          " " + move() + " ";
  if (random.chance(30))
    text += branchIf(leave, "(i32.eqz " + isBelow() + ")") + " ";
  text += branchIf(inside, op("i32.and", "(i32.load8_u " + get("j") + ")",
                              constant(random.pick({1, 2, 255})))) +
          ")) ";
  if (random.chance(30))
    text += move() + " ";
  text += branchIf(outside, isBelow()) + "))";
  to.emplace_back(text + " " + mixInto(Type::I32, get("j")));
}

/// Looks for something in the middle of what is left.
void NestGenerator::addHalving(Statements &to) {
  Access access = this->access();
  while (access.type != Type::I32)
    access = this->access();
  std::string number = std::to_string(numLabels++);
  std::string out = "x" + number, halve = "l" + number;
  std::string less =
      random.pick({"i32.lt_s", "i32.lt_s", "i32.lt_s", "i32.lt_u", "i32.ne"});
  std::string half = op(random.chance(70) ? "i32.shr_u" : "i32.div_s",
                        op("i32.sub", get("e"), get("j")),
                        constant(random.chance(70) ? 1 : 2));
  std::string middle =
      random.chance(80)
          ? op("i32.add", get("j"), half)
          : op("i32.shr_u", op("i32.add", get("j"), get("e")), constant(1));
  std::string at =
      op("i32.add", get("a"), op("i32.mul", get("m"), constant(access.size)));
  std::string text = "(block $" + out + " " +
                     set("j", random.chance(75) ? constant(0) : get("b")) +
                     " " + set("e", random.chance(25) ? get("c") : rowEnd()) +
                     " " + set("r", constant(40));
  if (random.chance(80))
    text +=
        " " + branchIf(out, "(i32.eqz " + op(less, get("j"), get("e")) + ")");
  text += " (loop $" + halve + " " + set("m", middle) + " ";
  text += "(if " +
          op("i32.lt_s", loadOf(access, at, 0),
             random.chance(50) ? loops.back().iv : constant(40)) +
          " (then " +
          set("j",
              op("i32.add", get("m"), constant(random.pick({1, 1, 1, 2, 0})))) +
          ") (else " +
          set("e", random.chance(80) ? get("m")
                                     : op("i32.sub", get("m"), constant(1))) +
          ")) ";
  text += branchIf(out, "(i32.eqz (local.tee $r " +
                            op("i32.sub", get("r"), constant(1)) + "))") +
          " ";
  text += branchIf(halve, op(less, get("j"), get("e"))) + "))";
  to.emplace_back(text + " " + mixInto(Type::I32, get("j")));
}

} // namespace exact
