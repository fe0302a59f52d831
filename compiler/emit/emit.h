// From validated functions to LLVM IR that calls the runtime (runtime/abi.def).
//
// A module is emitted in partitions that its contents alone determine, one
// llvm::Module and LLVMContext each. Partition 0 also holds the descriptor
// (`<name>_module`) and what instantiation needs. Functions that another
// partition may call are external and hidden; with one partition all functions
// are internal.
#pragma once

#include "compiler/emit/throwing.h"
#include "compiler/strategies.h"
#include "compiler/targets.h"
#include "compiler/wasm/validator.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace wasmetal {

enum class DebugLevel : uint8_t {
  None,
  Traps, // line table entries where a trap may happen
  Full,  // every instruction
};

/// The processor's instructions that LLVM does not find by itself, so that
/// vector instructions are emitted as them. Without any, LLVM's common
/// operations serve.
struct VectorExtensions {
  bool sse2 = false;
  bool ssse3 = false;
  bool sse41 = false;
  bool fma = false;
  bool neon = false; // of AArch64
};

/// More than these, a jump is faster than comparisons.
constexpr unsigned MostCallees = 4;

struct EmitOptions {
  const TargetInfo *target = &hostTarget();
  /// Prefix of every global symbol: a C identifier.
  std::string name = "app";
  Strategy strategy = Strategy::guard;
  bool exactTraps = true;
  /// Further masks against speculative execution (docs/security.md).
  bool spectre = false;
  DebugLevel debug = DebugLevel::Traps;
  /// Upper limit of each defined memory in bytes (--max-memory); 0: none.
  uint64_t maxMemory = 0;
  /// What memories have from start to end, in bytes, whatever the module
  /// declares (--memory-size); 0: that.
  uint64_t memorySize = 0;
  /// Nobody but the program itself sees its instance.
  bool isProgram = false;
  /// There is one instance, an object of the image.
  bool staticInstance = false;
  /// Code is linked to a place below 4 GiB, where it stays.
  bool isPlaced = false;
  /// C functions for the exports; executables have no use for them.
  bool typedExports = false;
  /// Imported functions are symbols for the host's linker, unless the host
  /// supplies others when it makes an instance.
  bool symbolImports = false;
  VectorExtensions vectors;
  /// Code counts its instructions against store->fuel.
  bool metered = false;
  /// Relaxed vector instructions give the same results on each processor.
  bool deterministicRelaxed = false;
  /// Of a fixed table, call_indirect compares the index with so many places.
  unsigned mostCallees = MostCallees;
  /// What it calls then is inlined if it is small.
  bool inlinesCallees = true;
  std::string sourceName; // of the .wasm file, for debug information
};

/// Function indices of one partition: [first, last).
struct Partition {
  uint32_t first;
  uint32_t last;
};

/// Cuts the defined functions into runs of similar size. Always at least one.
std::vector<Partition> planPartitions(const Module &module);

/// The elements of each table, by function index, ~0u for null. Empty where the
/// table may be changed or is not known: something else than active segments
/// at constant places gives it its elements, others have access to it, or it
/// has functions of other instances.
using FixedTables = std::vector<std::vector<uint32_t>>;

FixedTables findFixedTables(const Module &module);

/// Where the functions of one type stand in each fixed table, by the type's
/// number there. One more than are worth comparing with stands for many.
using Callees = std::vector<llvm::DenseMap<uint32_t, std::vector<uint32_t>>>;

Callees findCallees(const Module &module, const FixedTables &tables);

/// Functions of fixed tables that call_indirect and direct calls alone reach,
/// as they do all others of the type that stand in fixed tables: how these are
/// called is nobody else's business. And these types, by their numbers there.
struct PrivateFunctions {
  std::vector<bool> functions, types;
};

PrivateFunctions findPrivateFunctions(const Module &module,
                                      const FixedTables &tables);

/// Which of a module's functions are imports that isWasiImport().
std::vector<bool> findWasiFunctions(const Module &module);

/// What is known of a module before any of its partitions is emitted.
struct ModuleFacts {
  explicit ModuleFacts(const Module &module)
      : throwing(findThrowing(module)), fixedTables(findFixedTables(module)),
        callees(findCallees(module, fixedTables)),
        isPrivate(findPrivateFunctions(module, fixedTables)),
        isWasi(findWasiFunctions(module)) {}

  Throwing throwing;
  FixedTables fixedTables;
  Callees callees;
  PrivateFunctions isPrivate;
  std::vector<bool> isWasi;
};

/// Whether an import is one of WASI's functions, with the type that WASI gives
/// it: such imports are bound by default.
bool isWasiImport(const Module &module, const Import &import);

/// Whether an import is one of those that modules with threads have, and that
/// executables supply: the shared memory, and the function that starts a
/// thread.
bool isThreadImport(const Module &module, const Import &import);

/// Whether a memory may become larger than it is from the start.
bool mayGrow(const Memory &memory, const EmitOptions &options);

/// Refuses imports that are not bound by default: an executable has no host
/// that would supply them.
llvm::Error checkImportsAreBound(ValidatedModule module);

/// Whether the host's linker finds an import by its symbol.
bool bindsBySymbol(const Module &module, const Import &import,
                   const EmitOptions &options);

/// Emits one partition. The functions are validated on the way, so that their
/// errors surface here.
llvm::Expected<std::unique_ptr<llvm::Module>>
emitPartition(llvm::LLVMContext &context, ValidatedModule module,
              const EmitOptions &options, const ModuleFacts &facts,
              llvm::ArrayRef<Partition> partitions, size_t index);

} // namespace wasmetal
