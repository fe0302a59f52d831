// Where the accesses of a fast copy go: pointers to rows, made before loops,
// and what an iteration adds to them.
#pragma once

#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/version_test.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

namespace wasmetal {

/// A pointer that accesses of one loop share: they are a constant apart.
struct Row {
  const llvm::Loop *loop;
  const Access *first;
  int64_t distance; // of the lowest one, static offset included
  llvm::Value *pointer;
};

class LoopRows {
public:
  /// `number`: the type of iterations' numbers, as wide as pointers.
  LoopRows(const LoopNest &nest, const VersionTest &test, llvm::LoopInfo &loops,
           llvm::SCEVExpander &expander, llvm::Type *number)
      : nest(nest), test(test), loops(loops), expander(expander),
        number(number), isWide(number->isIntegerTy(64)) {}

  using Counts =
      llvm::SmallVector<std::pair<llvm::Loop *, const llvm::SCEV *>, 8>;
  /// Before all else: `counts` are how often loops are known to come back.
  void prepare(const Counts &counts);
  /// The number of a loop's iteration, from 0.
  llvm::PHINode *counter(const llvm::Loop *loop);
  /// Of the access in its iteration, made where it is translated.
  llvm::Value *pointerTo(const Access &access);
  /// Says that all may be read that the rows of a loop lead to up to the
  /// iteration of that number. Accesses have got their pointers.
  void assumeReadable(const llvm::Loop *loop, llvm::Value *last);

private:
  llvm::Value *term(llvm::IRBuilder<> &builder, llvm::Value *of,
                    const llvm::SCEV *factor);
  llvm::ConstantInt *constant(int64_t value);
  bool isBeforeLoop(const llvm::SCEV *leaf, const llvm::Loop *inner);
  llvm::Value *leafTerm(const llvm::SCEV *leaf, const llvm::SCEV *factor,
                        llvm::Instruction *before);
  uint64_t findSmallLoops(const llvm::Loop *inner, const Counts &counts);
  const llvm::Loop *rowLoop(const llvm::Loop *inner) const;
  llvm::GEPNoWrapFlags flagsOf(const Access &access);
  llvm::Value *step(llvm::IRBuilder<> &builder, llvm::Value *pointer,
                    const Access &access, const llvm::Loop *inner);
  llvm::Value *makeRow(const Access &access, const llvm::Loop *inner,
                       int64_t distance);
  int64_t lowest(const Access &access, const llvm::Loop *inner) const;
  int64_t highestEnd(const Access &access, const llvm::Loop *inner) const;
  bool ascendsFrom(const Access &below, const Access &above,
                   const llvm::Loop *inner) const;
  const Row *rowBeside(const Access &access, const llvm::Loop *inner) const;
  llvm::Value *rowOf(const Access &access, const llvm::Loop *inner,
                     int64_t &distance);

  const LoopNest &nest;
  const VersionTest &test;
  llvm::LoopInfo &loops;
  llvm::SCEVExpander &expander;
  llvm::Type *number;
  const bool isWide; // what 32 bits count may wrap: no flags

  llvm::DenseMap<const llvm::Loop *, llvm::PHINode *> counters;
  llvm::SmallPtrSet<const llvm::Loop *, 4> small; // LLVM unrolls them whole
  llvm::DenseMap<const llvm::SCEV *, unsigned> leafUses;
  std::vector<Row> rows;
};

} // namespace wasmetal
