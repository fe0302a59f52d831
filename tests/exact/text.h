// Pieces of text that both generators write.
#pragma once

#include "tests/exact/program.h"
#include "tests/exact/random.h"

namespace exact {

enum class Type : uint8_t { I32, I64, F32, F64 };

const char *nameOf(Type type);
uint32_t sizeOf(Type type);

std::string get(const std::string &local);
std::string set(const std::string &local, const std::string &value);
std::string op(const std::string &name, const std::string &a);
std::string op(const std::string &name, const std::string &a,
               const std::string &b);
/// An operator of this type.
std::string op(Type type, const std::string &name, const std::string &a,
               const std::string &b);
std::string constant(int64_t value, Type type = Type::I32);
/// An i32 in this type, and such a value as an i32.
std::string extended(Type type, const std::string &value,
                     bool isSigned = false);
std::string wrapped(Type type, const std::string &value);

/// The pages of memory, as an i32, where addresses have this type, and adding
/// some, which gives as many.
std::string memorySize(Type addressType);
std::string memoryGrow(Type addressType, const std::string &pages);

/// A load of this type, of any width, at an address of the memory's type, as
/// all others. Floating point loads are followed by no
/// arithmetic here: NaNs keep their bits.
std::string load(Random &random, Type type, const std::string &address,
                 uint64_t offset);
std::string store(Random &random, Type type, const std::string &address,
                  uint64_t offset, const std::string &value);

/// The same by atomic instructions, of integers. Addresses have to be aligned,
/// as V8 looks at bounds first and the specification at alignment.
std::string atomicLoad(Random &random, Type type, const std::string &address,
                       uint64_t offset);
std::string atomicStore(Random &random, Type type, const std::string &address,
                        uint64_t offset, const std::string &value);
/// An atomic update, for its old value.
std::string atomicUpdate(Random &random, Type type, const std::string &address,
                         uint64_t offset, const std::string &value);

/// The bits of NaNs that arithmetic makes are not specified: one NaN for all.
/// Uses the locals $nan32 and $nan64.
std::string canonical(Type type, const std::string &value);

/// Any value of 32 or 64 bits, more often one at an edge.
uint64_t interesting(Random &random, Type type);
/// Static offsets: 0, small, near the end of a page, near 2^32, or beyond.
uint64_t staticOffset(Random &random, Type addressType);
/// A static offset in an access, and, behind its operands, what of it has no
/// place there (assemble.cpp).
std::string printOffset(uint64_t offset);
std::string wideOffset(uint64_t offset);

/// Places to run with. The parameters are used as an address, as a number of
/// trips, as any of those, and as a value.
std::vector<Input> inputs(Random &random, Type addressType);

/// Locals of every entry.
extern const char entryHead[];
/// Statements that mix an i32 or i64 into the result.
std::string mixInto(Type type, const std::string &value);
/// The three functions that programs call, and a table of them:
/// $leaf (i32 i32) -> i32, $turn (i64) -> i64, $poke (i32), which stores.
void addHelpers(Random &random, Program &program, Type addressType);
/// A call of one of the helpers, in one way or the other; a statement.
std::string helperCall(Random &random, const std::string &a,
                       const std::string &b);

} // namespace exact
