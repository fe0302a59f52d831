// The processor that code is generated for.
#pragma once

#include "compiler/compile.h"

#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace wasmetal {

/// Whether the target has a processor of this name.
bool isProcessor(const TargetInfo &target, llvm::StringRef cpu);

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CompileOptions &options);

/// Sets what LLVM's code generator takes from its own options alone: one
/// compilation at a time, before its first machine.
void setGeneratorOptions(const CompileOptions &options);

/// Prepares a module for this machine: triple, data layout, relocation model.
/// Defines the processor that the descriptor refers to.
/// A feature string for the processor without those of RISC-V's extensions that
/// no program can find missing at start, and without vectors: the number of
/// their bits is not known, and C's convention passes other values in them than
/// where there are none, while references are called from modules for other
/// processors. Of other targets, `features` itself.
std::string withCheckable(const TargetInfo &target, llvm::StringRef cpu,
                          llvm::StringRef features);

void defineProcessor(llvm::Module &module, const llvm::TargetMachine &machine);
void setTarget(llvm::Module &module, const llvm::TargetMachine &machine);

/// Gives all definitions the processor and size attributes of the options:
/// functions whose attributes differ are not inlined into each other.
void setFunctionAttributes(llvm::Module &module, const CompileOptions &options);

/// At -Os, what is left to the code generator of firmware is about size alone.
void setGeneratedSize(llvm::Module &module, const CompileOptions &options);

/// Whether the processor rounds floating point numbers in one instruction;
/// without it the code generator calls functions of libm.
bool hasRounding(const llvm::TargetMachine &machine);

/// Whether vectors of all kinds may be wider than WebAssembly's.
bool hasWideVectors(const llvm::TargetMachine &machine);

VectorExtensions vectorExtensions(const llvm::TargetMachine &machine);

} // namespace wasmetal
