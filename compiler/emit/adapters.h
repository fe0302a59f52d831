// Functions between host and guest: each knows both calling conventions.
// C's side takes a pointer to a frame with everything in it, so that entering
// and leaving, which change the stack, are the same for all types.
#pragma once

#include "compiler/emit/module_emitter.h"

namespace wasmetal {

/// enum wm_kind of runtime/include/wasmetal/wasmetal.h.
enum class AbiKind : uint8_t {
  I32,
  I64,
  F32,
  F64,
  V128,
  Funcref,
  Externref,
  Anyref,
  Exnref
};
AbiKind abiKind(const Module &module, ValType type);

/// Calls guest code of a type for the host: wm_type::enter of runtime/abi.h.
llvm::Function *emitEntry(ModuleEmitter &emitter, const DefinedType &type,
                          const std::string &hash);

/// Calls the host for guest code of a type: wm_type::leave of runtime/abi.h.
llvm::Function *emitExit(ModuleEmitter &emitter, const DefinedType &type,
                         const std::string &hash);

/// What an import is bound to when nothing is supplied, or null: WASI's
/// functions, and symbols that the host links.
llvm::Constant *emitBinding(ModuleEmitter &emitter, const Import &import);

/// A C function for each exported function: wm_status name_export(instance,
/// parameters..., pointers to results...).
void emitTypedExports(ModuleEmitter &emitter);

} // namespace wasmetal
