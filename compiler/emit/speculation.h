// What masks against speculative execution are made of. Masks are all ones or
// zero, and no branch stands between what they depend on and them.
#pragma once

#include "llvm/IR/IRBuilder.h"

namespace wasmetal {

/// The same value, of which LLVM knows nothing. What a branch has compared is
/// known behind it, and a mask of that would be folded: a mask and what it
/// protects are made of one hidden value that nothing else compares.
llvm::CallInst *hideAll(llvm::IRBuilder<> &builder, llvm::Value *value);
/// That the value has been zero-extended, if it has, remains known.
llvm::Value *hide(llvm::IRBuilder<> &builder, llvm::Value *value);

/// The value if index < limit, as unsigned numbers, else zero; the limit has 63
/// bits. Value and index are made of one hidden value.
llvm::Value *keepIfBelow(llvm::IRBuilder<> &builder, llvm::Value *value,
                         llvm::Value *index, llvm::Value *limit);
/// The same of an index itself, which need not be hidden.
llvm::Value *keepIfBelow(llvm::IRBuilder<> &builder, llvm::Value *index,
                         llvm::Value *limit);
/// The smaller one of an index and a limit of 63 bits, as unsigned numbers.
llvm::Value *clampIndex(llvm::IRBuilder<> &builder, llvm::Value *index,
                        uint64_t limit);
/// All ones if two pointers are equal.
llvm::Value *maskIfEqual(llvm::IRBuilder<> &builder, llvm::Value *left,
                         llvm::Value *right);

} // namespace wasmetal
