// What is known of the objects of an image, field by field.
#pragma once

#include <cstdint>

namespace llvm {
class GlobalVariable;
class Module;
} // namespace llvm

namespace wasmetal {

/// The bytes at the beginning of an object that never change, whoever has its
/// address.
struct ConstantHeader {
  const llvm::GlobalVariable *object;
  uint64_t size;
};

/// Of internal objects: reads that give what the image has, as nothing writes
/// there, become that value; and what nothing reads becomes zero, so that it
/// keeps nothing else alive. Returns whether anything changed.
bool foldKnownFields(llvm::Module &module, const ConstantHeader &header);

} // namespace wasmetal
