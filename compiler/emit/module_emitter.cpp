// Declarations that all functions of a partition share.
#include "compiler/emit/module_emitter.h"
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/region.h"

#include "llvm/BinaryFormat/Dwarf.h"

using namespace llvm;
using namespace wasmetal;

ModuleEmitter::ModuleEmitter(LLVMContext &context, const Module &wasm,
                             const EmitOptions &options,
                             const ModuleFacts &facts, bool onePartition)
    : context(context),
      module(std::make_unique<llvm::Module>(options.name, context)), wasm(wasm),
      options(options), facts(facts),
      layout(wasm, Triple(options.target->triple).isArch64Bit() ? 8 : 4,
             options.target->pageSize, options.staticInstance),
      passing(wasmetal::passingOf(wasm, options)), onePartition(onePartition),
      functions(wasm.functions.size()), fixedTables(wasm.tables.size()) {
  Triple triple(options.target->triple);
  module->setTargetTriple(triple);
  module->setDataLayout(triple.computeDataLayout());
  module->setPICLevel(PICLevel::BigPIC);

  voidType = Type::getVoidTy(context);
  i8 = Type::getInt8Ty(context);
  i16 = Type::getInt16Ty(context);
  i32 = Type::getInt32Ty(context);
  i64 = Type::getInt64Ty(context);
  f32 = Type::getFloatTy(context);
  f64 = Type::getDoubleTy(context);
  pointer = PointerType::getUnqual(context);
  i8x16 = FixedVectorType::get(i8, 16);
  i16x8 = FixedVectorType::get(i16, 8);
  i32x4 = FixedVectorType::get(i32, 4);
  i64x2 = FixedVectorType::get(i64, 2);
  f32x4 = FixedVectorType::get(f32, 4);
  f64x2 = FixedVectorType::get(f64, 2);

  // Under clang's root, so that the runtime's own accesses are known to be
  // disjoint too; beside its "omnipotent char", which would alias everything.
  MDBuilder metadata(context);
  MDNode *root = metadata.createTBAARoot("Simple C++ TBAA");
  auto tag = [&](StringRef name) {
    MDNode *node = metadata.createTBAAScalarTypeNode(name, root);
    return metadata.createTBAAStructTagNode(node, node, 0);
  };
  linearMemoryTag = tag("wasm linear memory");
  globalTag = tag("wasm global");
  instanceTag = tag("wasm instance");

  accessesAreVolatile =
      infoOf(options.strategy).faultIsTrap && options.exactTraps;

  if (options.debug != DebugLevel::None) {
    module->addModuleFlag(llvm::Module::Warning, "Debug Info Version",
                          DEBUG_METADATA_VERSION);
    module->addModuleFlag(llvm::Module::Max, "Dwarf Version", 5);
    debug = std::make_unique<DIBuilder>(*module);
    debugFile = debug->createFile(
        options.sourceName.empty() ? options.name : options.sourceName, ".");
    debugUnit = debug->createCompileUnit(
        DISourceLanguageName(dwarf::DW_LANG_C11), debugFile, "wasmetal", true,
        "", 0, "",
        options.debug == DebugLevel::Full ? DICompileUnit::FullDebug
                                          : DICompileUnit::LineTablesOnly);
  }
}

Type *ModuleEmitter::type(ValType type) const {
  switch (type.kind) {
  case ValKind::I32:
    return i32;
  case ValKind::I64:
    return i64;
  case ValKind::F32:
    return f32;
  case ValKind::F64:
    return f64;
  case ValKind::V128:
    return i64x2;
  case ValKind::Ref:
    return pointer;
  case ValKind::Bottom:
    break;
  }
  llvm_unreachable("bottom has no representation");
}

std::string ModuleEmitter::symbol(const Twine &suffix) const {
  return (Twine(options.name) + ":" + suffix).str();
}

/// A guest's name as part of a symbol: what assemblers and linkers give a
/// meaning of their own is replaced. The index makes the symbol unique.
static std::string printableName(StringRef name) {
  constexpr size_t LongestName = 240;
  std::string result = name.take_front(LongestName).str();
  for (char &c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '@' ||
        c == '"' || c == '\\')
      c = '?';
  return result;
}

void ModuleEmitter::markGuest(llvm::Function *function) const {
  function->setSection("wm_text");
  function->addFnAttr(Attribute::NoUnwind);
  // Frames beyond a page touch each page, so that none jumps over the guard.
  function->addFnAttr("probe-stack", "inline-asm");
}

llvm::Function *ModuleEmitter::function(uint32_t index) {
  llvm::Function *&result = functions[index];
  if (result)
    return result;
  const wasmetal::Function &declared = wasm.functions[index];
  std::string name =
      symbol(Twine(index) + ":" + printableName(declared.knownName()));
  CallingConv::ID convention = this->convention(index);
  result = llvm::Function::Create(
      functionType(wasm.typeOfFunction(index), convention),
      onePartition ? GlobalValue::InternalLinkage
                   : GlobalValue::ExternalLinkage,
      name, module.get());
  if (!onePartition)
    result->setVisibility(GlobalValue::HiddenVisibility);
  result->setDSOLocal(true);
  result->setCallingConv(convention);
  markGuest(result);
  Argument *instance = result->getArg(0);
  instance->setName("instance");
  if (options.staticInstance) // nothing looks at the argument
    return result;
  instance->addAttr(Attribute::NonNull);
  instance->addAttr(Attribute::getWithAlignment(context, Align(16)));
  instance->addAttr(
      Attribute::getWithDereferenceableBytes(context, layout.size));
  return result;
}

llvm::Function *ModuleEmitter::importAdapter(uint32_t index) {
  llvm::Function *&result = functions[index];
  if (result)
    return result;
  CallingConv::ID convention = referredConvention();
  result = llvm::Function::Create(
      functionType(wasm.typeOfFunction(index), convention),
      onePartition ? GlobalValue::InternalLinkage
                   : GlobalValue::ExternalLinkage,
      symbol("import:" + Twine(index)), *module);
  if (!onePartition)
    result->setVisibility(GlobalValue::HiddenVisibility);
  result->setDSOLocal(true);
  result->setCallingConv(convention);
  markGuest(result);
  if (options.staticInstance && options.isProgram && facts.isWasi[index])
    accessOnlyMemory.insert(result);
  return result;
}

GlobalVariable *ModuleEmitter::fixedTable(uint32_t index) {
  std::optional<GlobalVariable *> &result = fixedTables[index];
  if (result)
    return *result;
  size_t size = facts.fixedTables[index].size();
  if (size == 0)
    return *(result = nullptr);
  auto *type = ArrayType::get(StructType::get(i32, i32), size + 1);
  auto *table = new GlobalVariable(*module, type, /*isConstant=*/true,
                                   onePartition ? GlobalValue::InternalLinkage
                                                : GlobalValue::ExternalLinkage,
                                   /*Initializer=*/nullptr,
                                   symbol("table:" + Twine(index)));
  if (!onePartition)
    table->setVisibility(GlobalValue::HiddenVisibility);
  table->setDSOLocal(true);
  table->setAlignment(Align(8));
  return *(result = table);
}

FunctionCallee ModuleEmitter::runtime(StringRef name) {
  FunctionCallee &callee = runtimeFunctions[name];
  if (callee)
    return callee;
  struct Row {
    StringRef name;
    StringRef signature;
    bool isCold;
  };
  enum Kind { Inline, Plain, Cold };
  static constexpr Row rows[] = {
#define FUNCTION(name, signature, kind) {#name, signature, kind == Cold},
#include "runtime/abi.def"
  };
  for (const Row &row : rows) {
    if (row.name != name)
      continue;
    auto typeOf = [&](char letter) -> Type * {
      return letter == 'v'   ? voidType
             : letter == 'i' ? i32
             : letter == 'l' ? i64
                             : pointer;
    };
    SmallVector<Type *, 8> params;
    for (char letter : row.signature.drop_front())
      params.push_back(typeOf(letter));
    callee = module->getOrInsertFunction(
        name, FunctionType::get(typeOf(row.signature[0]), params, false));
    auto *declared = cast<llvm::Function>(callee.getCallee());
    declared->addFnAttr(Attribute::NoUnwind);
    declared->setVisibility(GlobalValue::HiddenVisibility);
    declared->setDSOLocal(true);
    if (row.isCold) {
      declared->addFnAttr(Attribute::NoReturn);
      declared->addFnAttr(Attribute::Cold);
    }
    return callee;
  }
  llvm_unreachable("not in runtime/abi.def");
}

DISubprogram *ModuleEmitter::debugSubprogram(llvm::Function *function,
                                             uint64_t line) {
  if (!debug)
    return nullptr;
  DISubroutineType *type = debug->createSubroutineType(
      debug->getOrCreateTypeArray(ArrayRef<Metadata *>()));
  DISubprogram *subprogram = debug->createFunction(
      debugFile, function->getName(), function->getName(), debugFile,
      static_cast<unsigned>(line), type, static_cast<unsigned>(line),
      DINode::FlagZero, DISubprogram::SPFlagDefinition);
  function->setSubprogram(subprogram);
  return subprogram;
}

void ModuleEmitter::finishDebug() {
  if (debug)
    debug->finalize();
}

static uint64_t bytesOf(uint64_t pages, const MemoryType &type) {
  return pages > UINT64_MAX >> type.pageSizeLog2 ? UINT64_MAX
                                                 : pages << type.pageSizeLog2;
}

bool wasmetal::mayGrow(const Memory &memory, const EmitOptions &options) {
  if (options.memorySize)
    return false;
  // A static object is as large as it may become.
  bool isUnlimited = !memory.type.limits.hasMaximum && !options.maxMemory;
  if (options.staticInstance && isUnlimited)
    return false;
  return memory.isImported || memory.isGrown || !options.isProgram;
}

uint64_t ModuleEmitter::minimumBytes(const Memory &memory) const {
  if (options.memorySize)
    return options.memorySize;
  return bytesOf(memory.type.limits.minimum, memory.type);
}

uint64_t ModuleEmitter::maximumBytes(const Memory &memory) const {
  // What is reserved for a 64-bit memory, unless --max-memory says otherwise.
  constexpr uint64_t Reserved = uint64_t(64) << 30;
  const MemoryType &type = memory.type;
  if (!mayGrow(memory, options))
    return minimumBytes(memory);
  uint64_t pages = mostPages(type);
  if (type.limits.hasMaximum)
    pages = std::min(pages, type.limits.maximum);
  else if (!memory.isImported && !is64(type.limits) && type.pageSizeLog2 == 16)
    --pages; // so that addresses do not wrap near the end: near_accesses.cpp
  uint64_t maximum = bytesOf(pages, type);
  if (options.maxMemory || is64(type.limits))
    maximum =
        std::min(maximum, options.maxMemory ? options.maxMemory : Reserved);
  return std::max(alignDown(maximum, uint64_t(1) << type.pageSizeLog2),
                  minimumBytes(memory));
}

uint64_t ModuleEmitter::knownMaximum(const Memory &memory) const {
  if (!memory.isImported)
    return maximumBytes(memory);
  const MemoryType &type = memory.type;
  uint64_t most = mostPages(type);
  if (type.limits.hasMaximum)
    most = std::min(most, type.limits.maximum);
  return alignDown(bytesOf(most, type), uint64_t(1) << type.pageSizeLog2);
}

//===-- The instance ------------------------------------------------------===//

GlobalVariable *ModuleEmitter::object(const Twine &name, uint64_t size,
                                      uint64_t alignment) const {
  std::string full = symbol(name);
  if (GlobalVariable *known = module->getNamedGlobal(full))
    return known;
  auto *variable =
      new GlobalVariable(*module, ArrayType::get(i8, size), false,
                         GlobalValue::ExternalLinkage, nullptr, full);
  variable->setVisibility(GlobalValue::HiddenVisibility);
  variable->setDSOLocal(true);
  variable->setAlignment(Align(alignment));
  return variable;
}

Value *ModuleEmitter::instanceIn(llvm::Function *function) const {
  if (options.staticInstance)
    return object("instance", layout.size);
  return function->getArg(0);
}

Value *ModuleEmitter::storeOf(IRBuilder<> &builder, Value *instance) const {
  if (!options.staticInstance)
    return loadConstant(builder, pointer,
                        at(builder, instance, layout.instanceStore));
  constexpr StringRef Name = "wm_static_store";
  if (GlobalVariable *known = module->getNamedGlobal(Name))
    return known;
  auto *store =
      new GlobalVariable(*module, ArrayType::get(i8, layout.storeSize), false,
                         GlobalValue::ExternalLinkage, nullptr, Name);
  store->setDSOLocal(true);
  store->setAlignment(Align(8));
  return store;
}

llvm::Function *ModuleEmitter::staticStart() const {
  std::string name = symbol("start");
  if (llvm::Function *known = module->getFunction(name))
    return known;
  auto *function =
      llvm::Function::Create(FunctionType::get(voidType, {pointer}, false),
                             GlobalValue::InternalLinkage, name, *module);
  markGuest(function);
  return function;
}

GlobalVariable *ModuleEmitter::staticMemory(uint32_t index) const {
  const Memory &memory = wasm.memories[index];
  uint64_t size = reservedBytes(memory), alignment = 16;
  if (hasRegion(memory, index, options))
    alignment = std::max(alignment, regionAlignment(*options.target, size));
  return object("memory:" + Twine(index), size, alignment);
}

GlobalVariable *ModuleEmitter::staticEntry(StringRef kind, uint32_t index,
                                           uint64_t size) const {
  return object(kind + "-entry:" + Twine(index), size);
}

std::optional<uint64_t> ModuleEmitter::placeOfData(uint32_t index) const {
  const DataSegment &segment = wasm.data[index];
  if (!options.staticInstance || segment.mode != SegmentMode::Active)
    return std::nullopt;
  const Memory &memory = wasm.memories[segment.memory];
  std::optional<uint64_t> place = constantOf(segment.memoryOffset);
  uint64_t size = minimumBytes(memory);
  if (memory.isImported || !place || segment.bytes.size() > size ||
      *place > size - segment.bytes.size())
    return std::nullopt;
  return place;
}

uint32_t ModuleEmitter::numPlacedData() const {
  uint32_t count = 0;
  while (count < wasm.data.size() &&
         (wasm.data[count].mode != SegmentMode::Active || placeOfData(count)))
    ++count;
  return count;
}

uint64_t ModuleEmitter::reservedBytes(const Memory &memory) const {
  return infoOf(options.strategy).reservedBytes(maximumBytes(memory));
}

Value *ModuleEmitter::at(IRBuilder<> &builder, Value *instance,
                         uint64_t offset) const {
  return builder.CreateConstInBoundsGEP1_64(i8, instance, offset);
}

Value *ModuleEmitter::loadConstant(IRBuilder<> &builder, Type *type,
                                   Value *address) const {
  LoadInst *load = builder.CreateAlignedLoad(
      type, address, type->isPointerTy() ? pointerAlign() : Align(8));
  load->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context, {}));
  load->setMetadata(LLVMContext::MD_tbaa, instanceTag);
  return load;
}

/// Where an entry of an index space stands: in the instance if the module
/// defines it, else where the instance's array of pointers says.
static Value *entryPointer(const ModuleEmitter &emitter, IRBuilder<> &builder,
                           Value *instance, bool isImported,
                           uint64_t definedOffset, uint64_t pointerOffset) {
  if (!isImported)
    return emitter.at(builder, instance, definedOffset);
  return emitter.loadConstant(builder, emitter.pointer,
                              emitter.at(builder, instance, pointerOffset));
}

Value *ModuleEmitter::memoryPointer(IRBuilder<> &builder, Value *instance,
                                    uint32_t index) const {
  if (options.staticInstance)
    return staticEntry("memory", index, layout.memorySize);
  return entryPointer(*this, builder, instance, wasm.memories[index].isImported,
                      layout.definedMemories +
                          (index - wasm.numImportedMemories) *
                              layout.memorySize,
                      layout.memories + index * layout.pointerSize);
}

Value *ModuleEmitter::tablePointer(IRBuilder<> &builder, Value *instance,
                                   uint32_t index) const {
  if (options.staticInstance)
    return staticEntry("table", index, layout.tableSize);
  return entryPointer(*this, builder, instance, wasm.tables[index].isImported,
                      layout.definedTables +
                          (index - wasm.numImportedTables) * layout.tableSize,
                      layout.tables + index * layout.pointerSize);
}

Value *ModuleEmitter::globalPointer(IRBuilder<> &builder, Value *instance,
                                    uint32_t index) const {
  if (options.staticInstance)
    return staticEntry("global", index, InstanceLayout::GlobalSize);
  return entryPointer(*this, builder, instance, wasm.globals[index].isImported,
                      layout.definedGlobals +
                          (index - wasm.numImportedGlobals) *
                              InstanceLayout::GlobalSize,
                      layout.globals + index * layout.pointerSize);
}

Value *ModuleEmitter::reference(IRBuilder<> &builder, Value *instance,
                                uint32_t function) const {
  return at(builder, instance, layout.functionRecord(wasm, function));
}

void ModuleEmitter::leaveGuest(IRBuilder<> &builder, Value *instance,
                               Value *function, Value *argument) {
  if (options.staticInstance) // there is one stack
    builder.CreateCall(FunctionType::get(voidType, {pointer}, false), function,
                       {argument});
  else
    builder.CreateCall(runtime("port_leave"),
                       {storeOf(builder, instance), function, argument});
  raiseRequest(builder, instance);
}

void ModuleEmitter::raiseRequest(IRBuilder<> &builder, Value *instance) {
  Value *store = storeOf(builder, instance);
  LoadInst *request = builder.CreateAlignedLoad(
      i32, at(builder, store, layout.storeInterrupt), Align(4));
  request->setAtomic(AtomicOrdering::Monotonic);
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  auto *bad = BasicBlock::Create(context, "requested", function);
  auto *good = BasicBlock::Create(context, "", function);
  MDBuilder weights(context);
  builder.CreateCondBr(builder.CreateIsNotNull(request), bad, good,
                       weights.createUnlikelyBranchWeights());
  builder.SetInsertPoint(bad);
  CallInst *call = builder.CreateCall(runtime("wm_trap_requested"), {store});
  call->addFnAttr(Attribute::NoMerge); // the place is the return address
  builder.CreateUnreachable();
  builder.SetInsertPoint(good);
}

void ModuleEmitter::returnIfThrown(IRBuilder<> &builder, Value *instance) {
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  auto *thrown = BasicBlock::Create(context, "thrown", function);
  auto *returned = BasicBlock::Create(context, "returned", function);
  Value *exception = builder.CreateAlignedLoad(
      pointer, at(builder, storeOf(builder, instance), layout.storeException),
      pointerAlign());
  builder.CreateCondBr(builder.CreateIsNull(exception), returned, thrown,
                       MDBuilder(context).createLikelyBranchWeights());
  builder.SetInsertPoint(thrown);
  builder.CreateRetVoid();
  builder.SetInsertPoint(returned);
}
