// What linkers, loaders and hosts find in the output.
#include "support.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"

#include <cstdio>

using namespace llvm;
using namespace wasmetal;

namespace {
class Elf : public CodegenTest {};
} // namespace

static const char *const addText = R"((module
  (memory (export "memory") 1)
  (func $isdigit (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "floor") (param f64) (result f64) (f64.floor (local.get 0)))
  (func (export "nearest") (param f32) (result f32)
    (f32.nearest (local.get 0)))))";

static std::string outputOf(const std::string &command) {
  FILE *pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[256];
  while (size_t size = fread(buffer, 1, sizeof(buffer), pipe))
    text.append(buffer, size);
  pclose(pipe);
  return text;
}

static const uint32_t *flagsOfStack(const object::ELF64LEFile &file,
                                    uint32_t &flags) {
  for (const auto &header : cantFail(file.program_headers()))
    if (header.p_type == ELF::PT_GNU_STACK) {
      flags = header.p_flags;
      return &flags;
    }
  return nullptr;
}

static bool hasSegment(const object::ELF64LEFile &file, uint32_t type) {
  for (const auto &header : cantFail(file.program_headers()))
    if (header.p_type == type)
      return true;
  return false;
}

TEST_F(Elf, ExecutableIsStaticWithoutExecutableStack) {
  std::string path = compileText(addText, optionsFor(OutputKind::Executable));
  std::string bytes = contentOf(path);
  auto file = cantFail(object::ELF64LEFile::create(bytes));
  EXPECT_EQ(file.getHeader().e_type, ELF::ET_EXEC);
  EXPECT_FALSE(hasSegment(file, ELF::PT_INTERP));
  EXPECT_FALSE(hasSegment(file, ELF::PT_DYNAMIC));
  uint32_t flags = 0;
  ASSERT_NE(flagsOfStack(file, flags), nullptr);
  EXPECT_FALSE(flags & ELF::PF_X);
  EXPECT_TRUE(sys::fs::can_execute(path));
  EXPECT_LE(bytes.size(), 64u << 10);
}

TEST_F(Elf, ExecutableCallsAnExport) {
  CompileOptions options = optionsFor(OutputKind::Executable);
  options.invoke = true;
  options.invokeName = "add";
  EXPECT_EQ(outputOf(compileText(addText, options) + " 10 5"), "15\n");
}

TEST_F(Elf, RoundingNeedsNoInstruction) {
  for (const char *cpu : {"x86-64", "x86-64-v2"}) {
    CompileOptions options = optionsFor(OutputKind::Executable);
    options.cpu = cpu;
    options.invoke = true;
    options.invokeName = "nearest";
    EXPECT_EQ(outputOf(compileText(addText, options) + " 2.5"), "2\n") << cpu;
    options.invokeName = "floor";
    EXPECT_EQ(outputOf(compileText(addText, options) + " -2.5"), "-3\n") << cpu;
  }
}

TEST_F(Elf, SharedLibraryNeedsNothing) {
  std::string path =
      compileText(addText, optionsFor(OutputKind::SharedLibrary));
  for (const Symbol &symbol : globalSymbols(path, /*dynamic=*/true))
    EXPECT_FALSE(symbol.isUndefined) << symbol.name;
  std::string bytes = contentOf(path);
  auto file = cantFail(object::ELF64LEFile::create(bytes));
  EXPECT_EQ(file.getHeader().e_type, ELF::ET_DYN);
  for (const auto &entry : cantFail(file.dynamicEntries()))
    EXPECT_NE(entry.getTag(), ELF::DT_NEEDED);
}

TEST_F(Elf, SharedLibraryExportsTheApiOnly) {
  std::string path =
      compileText(addText, optionsFor(OutputKind::SharedLibrary));
  bool hasModule = false, hasApi = false;
  for (const Symbol &symbol : globalSymbols(path, /*dynamic=*/true)) {
    StringRef name = symbol.name;
    EXPECT_TRUE(name.starts_with("wm_") || name.starts_with("app_"))
        << symbol.name;
    hasModule |= name == "app_module";
    // Of several libraries in a process, one copy has to win.
    if (name == "wm_instance_create")
      hasApi = symbol.isWeak;
  }
  EXPECT_TRUE(hasModule);
  EXPECT_TRUE(hasApi);
}

TEST_F(Elf, ObjectKeepsEverythingElseToItself) {
  std::string path = compileText(addText, optionsFor(OutputKind::Object));
  for (const Symbol &symbol : globalSymbols(path, /*dynamic=*/false)) {
    StringRef name = symbol.name;
    if (symbol.isUndefined) {
      // The freestanding minimum, and bounds that the linker defines.
      EXPECT_TRUE(name == "memcpy" || name == "memmove" || name == "memset" ||
                  name == "memcmp" || name == "strlen" ||
                  name == "__start_wm_text" || name == "__stop_wm_text")
          << symbol.name;
      continue;
    }
    // Two objects of different names meet without a clash.
    EXPECT_TRUE(symbol.isWeak || name.starts_with("app")) << symbol.name;
    EXPECT_NE(name, "isdigit");
    EXPECT_NE(name, "main");
  }
}

TEST_F(Elf, AccessesAreInlinedUnderEveryStrategyAndLevel) {
  for (unsigned level : {0u, 1u, 2u, 3u})
    for (const std::string &name : hostTarget().strategyNames()) {
      CompileOptions options = optionsFor(OutputKind::IrText);
      options.optLevel = level;
      options.emit.strategy = *findStrategy(name);
      options.cpu = "x86-64-v3";
      std::string text = contentOf(compileText(addText, options));
      EXPECT_FALSE(StringRef(text).contains("call ptr @wm_translate")) << level;
    }
}

TEST_F(Elf, EveryKindOfOutputIsWritten) {
  EXPECT_TRUE(StringRef(contentOf(compileText(addText,
                                              optionsFor(OutputKind::Bitcode))))
                  .starts_with("BC"));
  EXPECT_TRUE(
      StringRef(contentOf(compileText(addText, optionsFor(OutputKind::IrText))))
          .contains("@app_module = "));
  EXPECT_TRUE(StringRef(contentOf(compileText(
                            addText, optionsFor(OutputKind::Assembly))))
                  .contains("\napp_module:"));
}

TEST_F(Elf, DevicesAreWrittenToAndNotReplaced) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  for (OutputKind kind : {OutputKind::Executable, OutputKind::Object}) {
    ASSERT_FALSE(compile(bytes, optionsFor(kind), "/dev/null"));
    sys::fs::file_status status;
    ASSERT_FALSE(sys::fs::status("/dev/null", status));
    EXPECT_EQ(status.type(), sys::fs::file_type::character_file);
  }
}
