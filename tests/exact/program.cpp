// Which program has which number, and modules made of programs.
#include "tests/exact/program.h"
#include "tests/exact/text.h"

#include <cstdio>

namespace exact {

/// One seed for each number and purpose.
static uint64_t mix(uint64_t seed, uint64_t index, uint64_t purpose) {
  Random random(seed * 0x100000001b3 + index);
  random.bits();
  return random.bits() ^ purpose * 0x9e3779b97f4a7c15;
}

Program generateProgram(uint64_t seed, uint64_t index, unsigned kinds) {
  Random random(mix(seed, index, 1));
  bool isNest = random.below(3) == 0;
  if (kinds == 1u << unsigned(Kind::Nests))
    isNest = true;
  else if (kinds == 1u << unsigned(Kind::Mixed))
    isNest = false;
  uint64_t own = mix(seed, index, 2);
  bool is64 = memoryShapeOf(seed, index).is64;
  return isNest ? generateNests(own, index, is64)
                : generateMixed(own, index, is64);
}

MemoryShape memoryShapeOf(uint64_t seed, uint64_t index) {
  Random random(mix(seed, index / MaxPrograms, 3));
  MemoryShape shape;
  uint32_t choice = random.below(16);
  shape.minimum = choice == 0 ? 0 : choice < 12 ? 1 : 2;
  shape.maximum = static_cast<int32_t>(shape.minimum + random.below(3));
  if (random.chance(12))
    shape.maximum = -1;
  shape.isShared = shape.maximum >= 0 && random.chance(15);
  shape.is64 = random.chance(25);
  return shape;
}

static void print(const Statements &statements, unsigned depth,
                  std::string &out) {
  for (const Statement &statement : statements) {
    out.append(depth * 2, ' ');
    out += statement.head + "\n";
    if (statement.tail.empty())
      continue;
    print(statement.body, depth + 1, out);
    out.append(depth * 2, ' ');
    out += statement.tail + "\n";
  }
}

/// Zeros, small numbers, minus ones and anything, in stretches of 256 bytes:
/// what is loaded may serve as an index. Has places for the memory's size and
/// an address.
static const char initText[] = R"(
  (func (export "init") (local $p i32) (local $w i32)
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $p)
        (i32.mul %s (i32.const 65536))))
      (local.set $w (i32.mul (i32.xor (local.get $p)
        (i32.shr_u (local.get $p) (i32.const 7))) (i32.const 0x9e3779b1)))
      (local.set $w (i32.xor (local.get $w)
        (i32.shr_u (local.get $w) (i32.const 15))))
      (block $stored
        (br_if $stored (i32.eqz (i32.and (local.get $p) (i32.const 768))))
        (if (i32.eq (i32.and (local.get $p) (i32.const 768)) (i32.const 256))
          (then (local.set $w (i32.and (local.get $w) (i32.const 63)))))
        (if (i32.eq (i32.and (local.get $p) (i32.const 768)) (i32.const 512))
          (then (local.set $w (i32.shr_s (i32.shl (local.get $w)
            (i32.const 30)) (i32.const 31)))))
        (i32.store %s (local.get $w)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br $next))))
)";

/// Replaces `@` by the program's place: names are unique in the module.
static void rename(std::string &text, size_t place) {
  std::string number = std::to_string(place);
  for (size_t at = text.find('@'); at != std::string::npos;
       at = text.find('@', at))
    text.replace(at, 1, number);
}

std::string moduleText(const MemoryShape &memory,
                       const std::vector<Program> &programs) {
  std::string out = "(module\n  (memory (export \"memory\") ";
  out += (memory.is64 ? "i64 " : "") + std::to_string(memory.minimum);
  if (memory.maximum >= 0)
    out += " " + std::to_string(memory.maximum);
  if (memory.isShared)
    out += " shared";
  out += ")\n";
  Type type = memory.is64 ? Type::I64 : Type::I32;
  char init[sizeof initText + 200];
  snprintf(init, sizeof init, initText, memorySize(type).c_str(),
           extended(type, get("p")).c_str());
  out += init;
  for (size_t place = 0; place < programs.size(); ++place) {
    const Program &program = programs[place];
    auto global = [&](const std::string &name, const std::string &rest) {
      return "  (global $" + name + "@ (export \"" + name + "_@\") " + rest +
             ")\n";
    };
    std::string text = global("g", "(mut i32) (i32.const 3)") +
                       global("h", "(mut i64) (i64.const -5)") +
                       program.declarations;
    for (const Function &function : program.functions) {
      text += "  (func " + function.head + "\n";
      print(function.body, 2, text);
      text += "    " + function.result + ")\n";
    }
    rename(text, place);
    out += text;
  }
  return out + ")\n";
}

std::string printInput(const Input &input) {
  char text[100];
  snprintf(text, sizeof text, "0x%x 0x%x 0x%x 0x%llx",
           static_cast<unsigned>(input[0]), static_cast<unsigned>(input[1]),
           static_cast<unsigned>(input[2]),
           static_cast<unsigned long long>(input[3]));
  return text;
}

} // namespace exact
