// A random program: text of functions, as statements that leave the operand
// stack as it was, so that any of them may be dropped.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace exact {

/// `head`, then, if it encloses others, these and `tail`.
struct Statement {
  std::string head;
  std::vector<Statement> body;
  std::string tail;

  Statement(std::string head) : head(std::move(head)) {}
  Statement(std::string head, std::vector<Statement> body, std::string tail)
      : head(std::move(head)), body(std::move(body)), tail(std::move(tail)) {}
};
using Statements = std::vector<Statement>;

struct Function {
  std::string head; // name, type, locals
  Statements body;
  std::string result; // an expression
};

/// Parameters of each program: three of type i32, then one i64. Bits.
using Input = std::array<uint64_t, 4>;

struct MemoryShape {
  uint32_t minimum; // pages
  int32_t maximum;  // -1: none
  bool isShared;
  bool is64; // its addresses have 64 bits
};

enum class Kind : uint8_t { Nests, Mixed };

/// A program of a module: all names in it end with its number, and it has a
/// table and globals of its own; the module's memory is made anew for each run.
struct Program {
  uint64_t index;
  Kind kind;
  std::string declarations;
  std::vector<Function> functions; // the last one is the entry
  std::vector<Input> inputs;
};

/// The program of this number, for a memory of its shape. `kinds` is a mask of
/// 1 << Kind.
Program generateProgram(uint64_t seed, uint64_t index, unsigned kinds);
Program generateNests(uint64_t seed, uint64_t index, bool is64);
Program generateMixed(uint64_t seed, uint64_t index, bool is64);

/// Memory of the modules around `index`: those that may be compiled together.
constexpr uint64_t MaxPrograms = 64;
MemoryShape memoryShapeOf(uint64_t seed, uint64_t index);

/// A module of these programs, as text. It exports `memory`, `init`, which
/// fills it, and of the program at place N `run_N` and its globals `g_N` (i32)
/// and `h_N` (i64).
std::string moduleText(const MemoryShape &memory,
                       const std::vector<Program> &programs);

std::string printInput(const Input &input);

} // namespace exact
