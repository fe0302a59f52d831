// Makes loop nests: nests.cpp has the loops, nest_statements.cpp what stands in
// them, nest_rows.cpp what is a loop of its own, nest_addresses.cpp where they
// access memory.
#pragma once

#include "tests/exact/text.h"

namespace exact {

struct Access {
  Type type;
  uint32_t size;
  std::string load;
  std::string store;
};

/// A loop that encloses the statement being made.
struct Loop {
  std::string iv;    // an expression, i32
  std::string index; // the same as an address
  bool isPointer;    // it is one already
  int64_t step;
  unsigned number; // of its labels
};

class NestGenerator {
public:
  NestGenerator(uint64_t seed, bool is64)
      : random(seed), addressType(is64 ? Type::I64 : Type::I32) {}
  Program generate(uint64_t index);

private:
  /// A loop whose body runs at most about `budget` times.
  Statement loop(uint64_t budget);
  Statements body(uint64_t budget);
  void addStatement(Statements &to);
  void addUnrolled(Statements &to);
  std::string rowEnd(Type type);
  void addLeftOver(Statements &to);
  void addCursor(Statements &to);
  void addHalving(Statements &to);
  Type movedType();
  std::string neighbour(const std::string &address, uint32_t size);
  void addMoved(Statements &to, const Access &access, int64_t offset);
  std::string bound(Type type, uint64_t limit, bool &isBounded);
  /// An i32 in this type, as an unsigned number most of the time.
  std::string extend(Type type, const std::string &value);
  /// A parameter of any value in this type.
  std::string parameter(Type type, std::initializer_list<const char *> all);
  /// A value of any of both types in that of addresses.
  std::string asAddress(Type type, const std::string &value);
  std::string farStep(const std::string &number);
  std::string unknownStep(Type type, uint32_t size);
  std::string farLead();
  std::string lead(Type type, uint32_t size);
  std::string term(Type type, const Loop &of, bool isInner, uint32_t size);
  std::string address(Type type, uint32_t size);
  /// An address in the type of the memory's.
  std::string address(uint32_t size);
  std::string value(Type type);
  Access access();
  std::string combine(Type type, const std::string &a, const std::string &b);
  static std::string accumulator(Type type);
  uint64_t asOffset(int64_t offset) const;
  std::string loadOf(const Access &access, const std::string &at,
                     int64_t offset);
  std::string storeOf(const Access &access, const std::string &at,
                      int64_t offset, const std::string &value);

  Random random;
  Type addressType;
  /// Whether many addresses have parts that do not fit, and mostly which.
  bool isFar = false;
  uint32_t farKind = 0;
  std::vector<Loop> loops;
  unsigned numLabels = 0;
};

} // namespace exact
