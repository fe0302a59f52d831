// What the functions of one partition share: declarations of the runtime, of
// other functions, LLVM's types for WebAssembly's, and the instance's layout.
#pragma once

#include "compiler/emit/emit.h"
#include "compiler/emit/instance_layout.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"

#include <optional>

namespace wasmetal {

/// How functions that references or tail calls may reach take their parameters
/// and give their results (docs/decisions/0020 for the last two).
enum class Passing : uint8_t {
  Arguments, // all as LLVM's arguments
  Registers, // what registers do not take in the transfer area
  Transfer,  // all in the transfer area; they return what is to be called next
};

Passing passingOf(const Module &module, const EmitOptions &options);

class ModuleEmitter {
public:
  ModuleEmitter(llvm::LLVMContext &context, const Module &wasm,
                const EmitOptions &options, const ModuleFacts &facts,
                bool onePartition);

  llvm::LLVMContext &context;
  std::unique_ptr<llvm::Module> module;
  const Module &wasm;
  const EmitOptions &options;
  const ModuleFacts &facts;
  const InstanceLayout layout;

  llvm::Type *voidType, *i8, *i16, *i32, *i64, *f32, *f64;
  llvm::PointerType *pointer;
  /// The shapes of vectors; i64x2 is how v128 is passed and kept.
  llvm::FixedVectorType *i8x16, *i16x8, *i32x4, *i64x2, *f32x4, *f64x2;

  llvm::Type *type(ValType type) const;

  /// A defined function, declared on first use.
  llvm::Function *function(uint32_t index);
  /// What an import that is bound by symbol (adapters.h) is called by.
  llvm::Function *importAdapter(uint32_t index);
  /// The constant with the elements of a fixed table (fixed_table.h), declared
  /// on first use; null for other tables.
  llvm::GlobalVariable *fixedTable(uint32_t index);
  /// A function of runtime/abi.def.
  llvm::FunctionCallee runtime(llvm::StringRef name);
  /// A symbol of this module that no guest name can clash with.
  std::string symbol(const llvm::Twine &suffix) const;
  llvm::Constant *vectorConstant(llvm::ArrayRef<uint8_t> bytes) const;

  /// Alias classes: linear memory is disjoint from everything of the runtime,
  /// and so are globals (TBAA beside clang's C++ types).
  llvm::MDNode *linearMemoryTag, *globalTag, *instanceTag;

  /// Whether an access must keep its place because its fault is its trap, or
  /// must not be repeated because another thread may write between.
  bool isVolatile(const Memory &memory) const {
    return memory.type.limits.isShared ||
           (accessesAreVolatile && isPlain(memory));
  }
  /// The runtime's function that makes a host address of the guest's.
  static llvm::StringRef translation(const Memory &memory) {
    if (memory.type.limits.isShared)
      return isPlain(memory) ? "wm_translate_shared" : "wm_translate64_shared";
    return isPlain(memory) ? "wm_translate" : "wm_translate64";
  }
  /// Whether anything else that shows after a trap must keep its place too.
  bool isExactByFaults() const {
    return accessesAreVolatile && llvm::any_of(wasm.memories, isPlain);
  }
  /// Whether accesses take wm_translate: 32-bit addresses, and WebAssembly's
  /// own page size; else wm_translate64. memory_backends/backend.h has the
  /// same.
  static bool isPlain(const Memory &memory) {
    return !is64(memory.type.limits) && memory.type.pageSizeLog2 == 16;
  }
  /// Whether a branch stands between an address and its access.
  bool isCheckedByBranch(const Memory &memory) const {
    return infoOf(options.strategy).comparesFor(isPlain(memory));
  }

  llvm::DISubprogram *debugSubprogram(llvm::Function *function, uint64_t line);
  void finishDebug();

  /// Limits of a memory in bytes, the maximum capped by options and address
  /// space.
  uint64_t minimumBytes(const Memory &memory) const;
  uint64_t maximumBytes(const Memory &memory) const;
  /// What code may rely on: who makes an imported memory knows its type, and
  /// nothing of options.
  uint64_t knownMaximum(const Memory &memory) const;

  llvm::Align pointerAlign() const { return llvm::Align(layout.pointerSize); }
  /// The instance that a function of the module works on: its first argument,
  /// or the static one.
  llvm::Value *instanceIn(llvm::Function *function) const;
  /// The store of an instance.
  llvm::Value *storeOf(llvm::IRBuilder<> &builder, llvm::Value *instance) const;
  /// With a static instance: a zero object of this module, declared on first
  /// use, and one behind which a memory stands.
  llvm::GlobalVariable *object(const llvm::Twine &name, uint64_t size,
                               uint64_t alignment = 16) const;
  llvm::GlobalVariable *staticMemory(uint32_t index) const;
  /// The wm_memory, wm_table or value of an entry that the module defines; all
  /// are its own. Objects apart from the instance: which of them anything uses
  /// can be seen from the uses.
  llvm::GlobalVariable *staticEntry(llvm::StringRef kind, uint32_t index,
                                    uint64_t size) const;
  /// Where an active data segment of a static instance goes, if that is known
  /// and within the memory from the start.
  std::optional<uint64_t> placeOfData(uint32_t segment) const;
  /// How many segments come before the first active one whose place is not
  /// known: who starts the instance copies them, and no code of its own.
  uint32_t numPlacedData() const;
  /// What instantiation of the static instance runs.
  llvm::Function *staticStart() const;
  /// What accesses to a memory may touch, whatever its size.
  uint64_t reservedBytes(const Memory &memory) const;

  /// Pointer at a constant offset from `instance`.
  llvm::Value *at(llvm::IRBuilder<> &builder, llvm::Value *instance,
                  uint64_t offset) const;
  /// Loads what never changes after instantiation.
  llvm::Value *loadConstant(llvm::IRBuilder<> &builder, llvm::Type *type,
                            llvm::Value *address) const;
  llvm::Value *memoryPointer(llvm::IRBuilder<> &builder, llvm::Value *instance,
                             uint32_t index) const;
  llvm::Value *tablePointer(llvm::IRBuilder<> &builder, llvm::Value *instance,
                            uint32_t index) const;
  llvm::Value *globalPointer(llvm::IRBuilder<> &builder, llvm::Value *instance,
                             uint32_t index) const;
  llvm::Value *reference(llvm::IRBuilder<> &builder, llvm::Value *instance,
                         uint32_t function) const;
  /// Calls `function`, of C's type void(void *), on the host's stack.
  void leaveGuest(llvm::IRBuilder<> &builder, llvm::Value *instance,
                  llvm::Value *function, llvm::Value *argument);
  /// Traps if somebody asked for it. Guest code that follows is found by the
  /// signal that accompanies a request; what is not guest code is followed by
  /// this.
  void raiseRequest(llvm::IRBuilder<> &builder, llvm::Value *instance);
  /// Returns nothing to the host where the call before left an exception: who
  /// entered finds it in the store.
  void returnIfThrown(llvm::IRBuilder<> &builder, llvm::Value *instance);
  /// Marks a function as guest code: its section, attributes, convention.
  void markGuest(llvm::Function *function) const;

  //===-- Calls between guest functions (convention.cpp) ------------------===//

  /// tailcc for what references or tail calls may reach, by the convention of
  /// runtime/abi.h; C's in firmware without tail calls. The others are called
  /// directly only; fastcc spares them and their callers the moves of the stack
  /// pointer with which a tailcc function removes its arguments.
  llvm::CallingConv::ID referredConvention() const;
  llvm::CallingConv::ID convention(uint32_t function) const;
  /// Of functions of a type that stand in fixed tables: fastcc as well where
  /// nothing else refers to them.
  llvm::CallingConv::ID fixedConvention(uint32_t type) const;
  bool callsPrivately() const;
  llvm::FunctionType *functionType(const FuncType &type,
                                   llvm::CallingConv::ID convention) const;
  /// Whether results go where the caller says, an array of wm_value.
  bool usesBuffer(const FuncType &type) const;
  /// What a guest function was called with; `buffer` is where its results go
  /// if they do not fit registers. To be asked for at its entry.
  struct Parameters {
    llvm::Value *buffer = nullptr;
    llvm::SmallVector<llvm::Value *, 4> values;
  };
  Parameters parametersOf(llvm::IRBuilder<> &builder, llvm::Function *function,
                          const FuncType &type) const;
  /// Calls guest code, by this convention if it is not known otherwise; returns
  /// its results.
  llvm::SmallVector<llvm::Value *, 4>
  callGuest(llvm::IRBuilder<> &builder, const FuncType &type, llvm::Value *code,
            llvm::Value *instance, llvm::ArrayRef<llvm::Value *> values,
            llvm::Value *buffer,
            std::optional<llvm::CallingConv::ID> convention = {}) const;
  /// Calls guest code in place of the current function, and returns; `buffer`
  /// is where that one's results go.
  void tailCallGuest(llvm::IRBuilder<> &builder, const FuncType &type,
                     llvm::Value *code, llvm::Value *instance,
                     llvm::ArrayRef<llvm::Value *> values,
                     llvm::Value *buffer) const;
  /// Returns from guest code by the convention.
  void returnGuest(llvm::IRBuilder<> &builder, const FuncType &type,
                   llvm::ArrayRef<llvm::Value *> results,
                   llvm::Value *buffer) const;
  /// Where values stand between caller and callee; with a static instance whose
  /// `passing` is not by arguments.
  llvm::GlobalVariable *transferArea() const;
  bool hasTransferArea() const { return passing != Passing::Arguments; }
  /// Of an array of wm_value.
  llvm::Value *loadValue(llvm::IRBuilder<> &builder, ValType type,
                         llvm::Value *values, size_t index) const;
  void storeValue(llvm::IRBuilder<> &builder, llvm::Value *value,
                  llvm::Value *values, size_t index) const;
  llvm::SmallVector<llvm::Value *, 4> loadValues(llvm::IRBuilder<> &builder,
                                                 llvm::ArrayRef<ValType> types,
                                                 llvm::Value *values) const;
  void storeValues(llvm::IRBuilder<> &builder,
                   llvm::ArrayRef<llvm::Value *> from,
                   llvm::Value *values) const;

  /// Whether functions are internal: nothing else refers to them.
  bool isOnePartition() const { return onePartition; }

private:
  Passing passing;
  bool accessesAreVolatile;
  Passing passingOf(llvm::CallingConv::ID convention) const;
  void callInTurn(llvm::IRBuilder<> &builder, llvm::Value *code,
                  llvm::Value *instance) const;
  llvm::CallInst *createCall(llvm::IRBuilder<> &builder, const FuncType &type,
                             llvm::Value *code, llvm::Value *instance,
                             llvm::ArrayRef<llvm::Value *> values,
                             llvm::Value *buffer,
                             llvm::CallingConv::ID convention) const;

  bool onePartition;
  std::vector<llvm::Function *> functions;
  /// Adapters of imports that read and write nothing that guest code does but
  /// linear memory: WASI's functions do not call the guest, so that its globals
  /// stay as they are, and nobody else enters firmware that is a program.
  llvm::SmallPtrSet<const llvm::Value *, 8> accessOnlyMemory;
  std::vector<std::optional<llvm::GlobalVariable *>> fixedTables;
  llvm::StringMap<llvm::FunctionCallee> runtimeFunctions;
  std::unique_ptr<llvm::DIBuilder> debug;
  llvm::DIFile *debugFile = nullptr;
  llvm::DICompileUnit *debugUnit = nullptr;
};

/// Emits the body of one function.
void emitFunction(ModuleEmitter &emitter, const ValidatedFunction &function);

/// What instantiation runs, and what gives a segment of expressions its values.
llvm::Function *emitInitializer(ModuleEmitter &emitter);
llvm::Function *emitElementEvaluator(ModuleEmitter &emitter, uint32_t index);

/// With a static instance, defines it and what starts it (partition 0).
void emitStaticInstance(ModuleEmitter &emitter,
                        llvm::GlobalVariable *descriptor);
/// Defines wm_static_run, which runs the program that is started.
void emitStaticProgram(ModuleEmitter &emitter);
/// A constant of the module; null if it has no bytes.
llvm::Constant *emitBytes(ModuleEmitter &emitter,
                          llvm::ArrayRef<uint8_t> bytes);
/// The identity of a type, a wm_type of this module.
llvm::Constant *emitType(ModuleEmitter &emitter, uint32_t index);

/// Emits the descriptor and what stands between host and guest (partition 0).
void emitDescriptor(ModuleEmitter &emitter);

} // namespace wasmetal
