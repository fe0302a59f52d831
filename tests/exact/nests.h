// Makes loop nests: nests.cpp has the loops, nest_statements.cpp what stands in
// them, nest_rows.cpp what is a loop of its own.
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
  std::string iv; // an expression
  int64_t step;
  unsigned number; // of its labels
};

class NestGenerator {
public:
  explicit NestGenerator(uint64_t seed) : random(seed) {}
  Program generate(uint64_t index);

private:
  /// A loop whose body runs at most about `budget` times.
  Statement loop(uint64_t budget);
  Statements body(uint64_t budget);
  void addStatement(Statements &to);
  void addUnrolled(Statements &to);
  std::string rowEnd();
  void addLeftOver(Statements &to);
  void addCursor(Statements &to);
  void addHalving(Statements &to);
  std::string bound(uint64_t limit, bool &isBounded);
  std::string unknownStep(uint32_t size);
  std::string address(uint32_t size);
  std::string value(Type type);
  Access access();
  std::string combine(Type type, const std::string &a, const std::string &b);
  static std::string accumulator(Type type);
  std::string loadOf(const Access &access, const std::string &at,
                     int64_t offset);
  std::string storeOf(const Access &access, const std::string &at,
                      int64_t offset, const std::string &value);

  Random random;
  std::vector<Loop> loops;
  unsigned numLabels = 0;
};

} // namespace exact
