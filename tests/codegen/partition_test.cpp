// Modules that are compiled in several partitions.
#include "support.h"

#include "compiler/codegen/link_output.h"

#include <algorithm>
#include <cstdlib>
#include <sys/wait.h>
#include <thread>

using namespace llvm;
using namespace wasmetal;

namespace {
class Partitions : public CodegenTest {};
} // namespace

/// Calls function `callee`, which stands in another partition, in the end.
static std::vector<uint8_t> callingBody(uint8_t callee) {
  constexpr uint8_t Call = 0x10;
  std::vector<uint8_t> body = longBody(1 << 20);
  body[body.size() - 3] = Call;
  body[body.size() - 2] = callee;
  return body;
}

static const std::vector<uint8_t> TrappingBody = {0x00, 0x0b}; // unreachable

static std::vector<uint8_t> chain() {
  return moduleOf(
      {callingBody(2), longBody(1 << 20), callingBody(3), TrappingBody});
}

TEST_F(Partitions, CallEachOtherAndTheRuntime) {
  for (unsigned level : {0u, 2u}) {
    CompileOptions options = optionsFor(OutputKind::Executable);
    options.optLevel = level;
    ASSERT_FALSE(compile(chain(), options, path("output")));
    int status = system((path("output") + " 2>/dev/null").c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 134);
  }
}

TEST_F(Partitions, ThreadsDoNotShowInTheOutput) {
  for (OutputKind kind :
       {OutputKind::Executable, OutputKind::SharedLibrary, OutputKind::Object,
        OutputKind::Bitcode, OutputKind::IrText}) {
    CompileOptions options = optionsFor(kind);
    options.jobs = 1;
    ASSERT_FALSE(compile(chain(), options, path("output")));
    std::string first = contentOf(path("output"));
    options.jobs = 4;
    ASSERT_FALSE(compile(chain(), options, path("output")));
    EXPECT_EQ(first, contentOf(path("output")));
  }
}

TEST_F(Partitions, ObjectsOfDifferentNamesMeetInOneProgram) {
  ASSERT_FALSE(
      compile(chain(), optionsFor(OutputKind::Object), path("output")));
  for (const Symbol &symbol : globalSymbols(path("output"), false))
    if (!symbol.isUndefined && !symbol.isWeak)
      EXPECT_TRUE(StringRef(symbol.name).starts_with("app")) << symbol.name;
}

TEST_F(Partitions, TheFirstErrorWinsWhateverTheThreads) {
  std::vector<uint8_t> invalid = longBody(1 << 20);
  invalid[0] = 0x6a; // i32.add
  std::vector<uint8_t> bytes =
      moduleOf({longBody(1 << 20), invalid, invalid, {0x6a, 0x0b}});
  std::optional<uint64_t> offset;
  for (unsigned jobs : {1u, 2u, 4u}) {
    CompileOptions options = optionsFor(OutputKind::Object);
    options.jobs = jobs;
    Diagnostic found = diagnosticOf(compile(bytes, options, path("output")));
    ASSERT_TRUE(found.offset.has_value());
    if (!offset)
      offset = found.offset;
    EXPECT_EQ(found.offset, offset) << jobs;
    EXPECT_LT(*found.offset, 3u << 20);
    EXPECT_GT(*found.offset, 1u << 20);
  }
}

TEST_F(Partitions, ProgressCountsEachByteOnce) {
  CompileOptions options = optionsFor(OutputKind::Object);
  options.jobs = 2;
  std::vector<uint64_t> seen;
  uint64_t expected = 0;
  options.progress = [&](uint64_t done, uint64_t total) {
    seen.push_back(done);
    expected = total;
  };
  ASSERT_FALSE(compile(chain(), options, path("output")));
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), expected);
  EXPECT_GT(expected, 3u << 20);
}

TEST_F(Partitions, CompilationsRunBesideEachOther) {
  std::vector<uint8_t> bytes = moduleOf({TrappingBody});
  auto compileMany = [&](std::string output, bool &succeeded) {
    succeeded = true;
    for (int i = 0; i < 10; ++i)
      if (Error error =
              compile(bytes, optionsFor(OutputKind::Executable), output)) {
        succeeded = false;
        consumeError(std::move(error));
      }
  };
  // LLVM gives the thread that comes first a signal stack of its own, in place
  // of AddressSanitizer's, which is missed when the thread ends.
  prepareForSignals();
  bool first = false, second = false;
  std::thread other(compileMany, path("other"), std::ref(first));
  compileMany(path("output"), second);
  other.join();
  EXPECT_TRUE(first && second);
  EXPECT_EQ(contentOf(path("output")), contentOf(path("other")));
}
