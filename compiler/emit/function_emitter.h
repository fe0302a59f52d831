// Emits one function body: the operand stack holds LLVM values, control frames
// hold basic blocks, and each opcode has one method, in the file of its group
// of the specification. Dispatch is expanded from opcodes.def: an opcode
// without a method does not build.
#pragma once

#include "compiler/emit/module_emitter.h"
#include "compiler/wasm/instruction_reader.h"

namespace wasmetal {

class FunctionEmitter {
public:
  FunctionEmitter(ModuleEmitter &emitter, const ValidatedFunction &function);
  void emit();

private:
  struct ControlFrame {
    enum class Kind : uint8_t { Function, Block, Loop, If, Try };
    Kind kind = Kind::Function;
    llvm::ArrayRef<ValType> params;
    llvm::ArrayRef<ValType> results;
    llvm::BasicBlock *end = nullptr;       // created on the first branch to it
    llvm::BasicBlock *header = nullptr;    // of a loop
    llvm::BasicBlock *otherwise = nullptr; // of an if, until its else
    llvm::SmallVector<llvm::PHINode *, 1> headerValues;
    llvm::SmallVector<llvm::PHINode *, 1> endValues;
    llvm::SmallVector<llvm::Value *, 1> elseParams;
    size_t stackHeight = 0;
    /// Where exceptions go that are thrown in the body of a try or try_table.
    llvm::BasicBlock *landing = nullptr;
    // In a catch of the legacy try: its exception, and what tries the next.
    llvm::Value *caught = nullptr;
    llvm::BasicBlock *nextCatch = nullptr;
  };

  ModuleEmitter &emitter;
  const ValidatedFunction &function;
  const Module &wasm;
  llvm::Function *llvmFunction;
  llvm::IRBuilder<> builder;
  llvm::Value *instance;
  llvm::Value *resultBuffer = nullptr;
  unsigned numInlined = 0; // calls that inlineCalls has marked
  llvm::DISubprogram *subprogram = nullptr;
  std::vector<llvm::AllocaInst *> locals;
  std::vector<llvm::Value *> stack;
  std::vector<ControlFrame> frames;
  std::vector<llvm::Value *> memoryBases; // loaded or computed on first use
  llvm::Instruction *entryEnd = nullptr;  // values of the entry go before it
  llvm::AllocaInst *callBuffer = nullptr;
  llvm::BasicBlock *throwExit = nullptr;  // returns with an exception
  llvm::AllocaInst *vectorSlot = nullptr; // a vector whose bytes are indexed
  bool reachable = true;
  /// Whether globals have the values yet that instantiation gives them.
  bool isFirst = false;
  /// Blocks that were opened in unreachable code, which is not emitted.
  uint32_t skippedBlocks = 0;

  void dispatch(const Instruction &inst);
  bool skipUnreachable(const Instruction &inst);
  void setLocation(const Instruction &inst);
  void push(llvm::Value *value) { stack.push_back(value); }
  llvm::Value *pop() {
    llvm::Value *value = stack.back();
    stack.pop_back();
    return value;
  }
  llvm::SmallVector<llvm::Value *, 4> popMany(size_t count);
  llvm::BasicBlock *newBlock(const char *name);
  llvm::Constant *zero(ValType type);

  // fuel.cpp
  uint64_t pendingFuel = 0; // used, and not yet subtracted
  llvm::Value *fuelPointer();
  void countFuel(const Instruction &inst);
  void subtractFuel();
  /// Traps if more was used than there was.
  void checkFuel(uint64_t offset);

  // control.cpp
  ControlFrame makeFrame(ControlFrame::Kind kind, const BlockType &type);
  ControlFrame &frameAt(uint32_t label) {
    return frames[frames.size() - 1 - label];
  }
  llvm::BasicBlock *branchTarget(ControlFrame &frame);
  void addBranchValues(ControlFrame &frame, llvm::ArrayRef<llvm::Value *> from);
  llvm::ArrayRef<llvm::Value *> branchOperands(const ControlFrame &frame) const;
  void branchTo(uint32_t label);
  void branchIf(llvm::Value *condition, uint32_t label);
  void fallThroughToEnd(ControlFrame &frame);
  void makeUnreachable() { reachable = false; }
  /// Continues in a new block where `condition` is false; calls the trap
  /// function where it is true.
  void trapIf(llvm::Value *condition, llvm::StringRef trap,
              llvm::ArrayRef<llvm::Value *> arguments = {});
  void emitTrap(llvm::StringRef trap);
  void popFrame();

  // call.cpp
  /// Calls a function of the runtime that may take long. Requests to stop are
  /// not noticed in it: they are when it has returned.
  llvm::Value *callRuntime(llvm::StringRef name,
                           llvm::ArrayRef<llvm::Value *> arguments);
  struct Callee {
    llvm::Value *code;
    llvm::Value *instance;
    bool mayThrow;
    std::optional<llvm::CallingConv::ID> convention = {};
  };
  Callee calleeAt(uint32_t functionIndex);
  Callee calleeIn(llvm::Value *record, bool mayThrow);
  llvm::Value *fixedEntry(llvm::GlobalVariable *table, llvm::Value *index);
  Callee fixedCallee(const Instruction &inst, llvm::GlobalVariable *table);
  Callee indirectCallee(const Instruction &inst);
  llvm::ArrayRef<uint32_t> knownPlaces(const Instruction &inst) const;
  void inlineCalls(llvm::BasicBlock &block);
  void callOneOf(const Instruction &inst, llvm::ArrayRef<uint32_t> places,
                 bool isTail);
  Callee referencedCallee(const Instruction &inst);
  void call(const FuncType &type, Callee callee);
  void tailCall(const FuncType &type, Callee callee);

  // exception.cpp
  llvm::Value *exceptionSlot();
  llvm::Value *loadException();
  void setException(llvm::Value *exception);
  llvm::BasicBlock *handlerFrom(size_t frame);
  llvm::BasicBlock *handler() { return handlerFrom(frames.size()); }
  void raise(llvm::Value *exception);
  void testException();
  llvm::Value *tag(uint32_t index);
  llvm::Value *isTagged(llvm::Value *exception, uint32_t index);
  void keepException(llvm::Value *exception);
  void dropException(llvm::Value *exception);
  llvm::SmallVector<llvm::Value *, 4> payload(llvm::Value *exception,
                                              uint32_t tag);
  void emitClause(const CatchClause &clause, llvm::Value *exception);
  void leaveCatch(ControlFrame &frame);
  void beginCatch();

  // memory.cpp
  llvm::Value *memoryPointer(uint32_t index);
  llvm::Value *memoryBase(uint32_t index);
  llvm::Value *memorySize(uint32_t index);
  llvm::Value *address(llvm::Value *index) {
    return builder.CreateZExt(index, emitter.i64);
  }
  const Memory &memory(const Instruction &inst) const {
    return wasm.memories[inst.memory.memory];
  }
  llvm::Value *hostAddress(const MemArg &access, uint64_t bytes) {
    return hostAddress(access, address(pop()), bytes);
  }
  llvm::Value *hostAddress(const MemArg &access, llvm::Value *index,
                           uint64_t bytes);
  bool isExactByOrder(const Memory &memory) const;
  llvm::LoadInst *loadPart(const MemArg &access, llvm::Value *index,
                           llvm::Type *type);
  void storePart(const MemArg &access, llvm::Value *index, llvm::Value *value);
  llvm::Value *loadAs(const Instruction &inst, llvm::Type *type);
  void load(const Instruction &inst, llvm::Type *type);
  void loadSigned(const Instruction &inst, llvm::Type *from, llvm::Type *to);
  void loadUnsigned(const Instruction &inst, llvm::Type *from, llvm::Type *to);
  void store(const Instruction &inst, llvm::Type *type);

  // atomic.cpp
  llvm::Value *atomicAddress(const Instruction &inst, llvm::Type *type);
  void atomicLoad(const Instruction &inst, llvm::Type *from, llvm::Type *to);
  void atomicStore(const Instruction &inst, llvm::Type *type);
  void atomicUpdate(const Instruction &inst, llvm::Type *type,
                    llvm::AtomicRMWInst::BinOp op);
  void atomicExchangeIfEqual(const Instruction &inst, llvm::Type *type);
  void atomicWait(const Instruction &inst, llvm::StringRef name);

  // table.cpp
  llvm::Value *tablePointer(uint32_t index);
  llvm::Value *tableSize(llvm::Value *table);
  llvm::Value *tableSlot(llvm::Value *table, llvm::Value *index,
                         llvm::StringRef trap);

  // numeric.cpp
  void compareInt(llvm::CmpInst::Predicate predicate);
  void compareFloat(llvm::CmpInst::Predicate predicate);
  void binary(llvm::Instruction::BinaryOps op);
  void shift(llvm::Instruction::BinaryOps op);
  void rotate(llvm::Intrinsic::ID id);
  void unaryIntrinsic(llvm::Intrinsic::ID id);
  void round(llvm::Intrinsic::ID id);
  void countZeros(llvm::Intrinsic::ID id);
  void divide(llvm::Instruction::BinaryOps op);
  void remainder(llvm::Instruction::BinaryOps op);
  llvm::Value *orderedMinMax(llvm::Intrinsic::ID id, llvm::Value *left,
                             llvm::Value *right);
  void minMax(llvm::Intrinsic::ID id);
  llvm::Value *popHalves();
  void pushHalves(llvm::Value *wide);
  void binaryWide(llvm::Instruction::BinaryOps op);
  void multiplyWide(llvm::Instruction::CastOps extend);

  // convert.cpp
  void truncate(llvm::Type *to, bool isSigned);
  void truncateSaturating(llvm::Type *to, bool isSigned);
  void convert(llvm::Instruction::CastOps op, llvm::Type *to);
  void extendFrom(llvm::Type *narrow);

  // simd_lane.cpp
  llvm::Value *popVector(llvm::FixedVectorType *shape);
  void pushVector(llvm::Value *value);
  llvm::Value *popElement(llvm::FixedVectorType *shape);
  llvm::Value *swizzle(llvm::Value *source, llvm::Value *lanes);
  void splat(llvm::FixedVectorType *shape);
  void replaceLane(const Instruction &inst, llvm::FixedVectorType *shape);

  // simd_memory.cpp
  void loadWidened(const Instruction &inst, llvm::FixedVectorType *shape,
                   bool isSigned);
  void loadSplat(const Instruction &inst, llvm::FixedVectorType *shape);
  void loadZero(const Instruction &inst, llvm::FixedVectorType *shape);
  void loadLane(const Instruction &inst, llvm::FixedVectorType *shape);
  void storeLane(const Instruction &inst, llvm::FixedVectorType *shape);

  // simd_integer.cpp
  llvm::Value *bitselect(llvm::Value *x, llvm::Value *y, llvm::Value *mask);
  llvm::Value *laneMask(llvm::Value *condition, llvm::Type *shape);
  void shiftLanes(llvm::Instruction::BinaryOps op,
                  llvm::FixedVectorType *shape);
  llvm::Value *signBits(llvm::Value *x);
  llvm::Value *average(llvm::Value *x, llvm::Value *y);
  llvm::Value *multiplyQ15(llvm::Value *x, llvm::Value *y);
  llvm::Value *dotProduct(llvm::Value *x, llvm::Value *y);
  llvm::Value *widen(llvm::Value *x, bool isHigh, bool isSigned);
  llvm::Value *widenPair(llvm::Value *x, int first);
  llvm::Value *addHalves(llvm::Value *x, bool isSigned);

  // simd_float.cpp
  llvm::Value *chooseLess(llvm::Value *x, llvm::Value *y, bool isGreater);
  llvm::Value *minMaxLanes(llvm::Value *x, llvm::Value *y, bool isMax);
  llvm::Value *roundByAddition(llvm::Value *x, llvm::Intrinsic::ID id);
  llvm::Value *roundLanes(llvm::Value *x, llvm::Intrinsic::ID id);

  // simd_convert.cpp
  llvm::Value *narrow(llvm::Value *x, llvm::Value *y, bool isSigned);
  llvm::Value *truncateSigned(llvm::Value *x);
  llvm::Value *truncateUnsigned(llvm::Value *x);
  llvm::Value *truncatePair(llvm::Value *x, bool isSigned);
  llvm::Value *withZeros(llvm::Value *pair);
  llvm::Value *lowPair(llvm::Value *x);

  // simd_relaxed.cpp
  bool mayRelax(bool hasInstruction) const;
  llvm::Value *multiplyAdd(llvm::Value *x, llvm::Value *y, llvm::Value *z);
  llvm::Value *minMaxRelaxed(llvm::Value *x, llvm::Value *y, bool isMax);
  llvm::Value *laneSelect(llvm::Value *x, llvm::Value *y, llvm::Value *mask);
  llvm::Value *dotBytes(llvm::Value *x, llvm::Value *y);

#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  void emit##name(const Instruction &inst);
#define UNEMITTED(name, prefix, code, mnemonic, immediate, signature, feature)
#include "compiler/wasm/opcodes.def"
};

} // namespace wasmetal
