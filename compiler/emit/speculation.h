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

/// All ones if the value is negative. LLVM makes no branch of the mask again.
llvm::Value *maskOfSign(llvm::IRBuilder<> &builder, llvm::Value *value);
/// All ones if index < limit, as unsigned numbers; the limit has 63 bits.
llvm::Value *maskIfBelow(llvm::IRBuilder<> &builder, llvm::Value *index,
                         llvm::Value *limit);
/// All ones if two pointers are equal.
llvm::Value *maskIfEqual(llvm::IRBuilder<> &builder, llvm::Value *left,
                         llvm::Value *right);

} // namespace wasmetal
