// A compilation that fails leaves everything as it was.
#include "support.h"

#include "llvm/Support/FileSystem.h"

#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace wasmetal;

namespace {
class Failure : public CodegenTest {};
} // namespace

static const std::vector<uint8_t> InvalidBody = {0x6a, 0x0b}; // i32.add; end

TEST_F(Failure, LeavesNoFiles) {
  std::vector<uint8_t> bytes =
      moduleOf({longBody(1 << 20), longBody(1 << 20), InvalidBody});
  for (OutputKind kind : {OutputKind::Executable, OutputKind::SharedLibrary,
                          OutputKind::Object, OutputKind::Bitcode}) {
    Diagnostic found =
        diagnosticOf(compile(bytes, optionsFor(kind), path("output")));
    EXPECT_EQ(found.kind, wasmetal::DiagnosticKind::Invalid) << found.message;
    EXPECT_TRUE(files().empty()) << files()[0];
  }
}

TEST_F(Failure, KeepsTheOldOutput) {
  FILE *file = fopen(path("output").c_str(), "w");
  fputs("before", file);
  fclose(file);
  std::vector<uint8_t> bytes = moduleOf({InvalidBody});
  diagnosticOf(
      compile(bytes, optionsFor(OutputKind::Executable), path("output")));
  EXPECT_EQ(contentOf(path("output")), "before");
}

TEST_F(Failure, SuccessLeavesOneFile) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  for (OutputKind kind : {OutputKind::Executable, OutputKind::SharedLibrary,
                          OutputKind::Object}) {
    ASSERT_FALSE(compile(bytes, optionsFor(kind), path("output")));
    EXPECT_EQ(files(), std::vector<std::string>{"output"});
  }
}

TEST_F(Failure, NamesTheFolderThatIsNotThere) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  Diagnostic found = diagnosticOf(compile(
      bytes, optionsFor(OutputKind::Executable), path("missing/output")));
  EXPECT_EQ(found.kind, wasmetal::DiagnosticKind::Io);
  EXPECT_NE(found.message.find("missing/output"), std::string::npos)
      << found.message;
  EXPECT_TRUE(files().empty());
}

TEST_F(Failure, NamesTheRuntimeThatIsNotThere) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  CompileOptions options = optionsFor(OutputKind::Executable);
  options.resourceDir = path("nowhere");
  Diagnostic found = diagnosticOf(compile(bytes, options, path("output")));
  EXPECT_EQ(found.kind, wasmetal::DiagnosticKind::Io);
  EXPECT_NE(found.message.find("nowhere/linux-x86_64/guard.bc"),
            std::string::npos)
      << found.message;
}

TEST_F(Failure, LinkerErrorsAreReportedAndItRunsAgain) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  CompileOptions options = optionsFor(OutputKind::Executable);
  options.resourceDir = path("resources");
  std::string target = path("resources/linux-x86_64");
  ASSERT_FALSE(sys::fs::create_directories(target));
  for (const char *file : {"guard.bc", "guard.o", "crti.o", "crtn.o", "libc.a"})
    ASSERT_FALSE(sys::fs::copy_file(std::string(WASMETAL_RESOURCES) +
                                        "/linux-x86_64/" + file,
                                    target + "/" + file));
  Diagnostic found = diagnosticOf(compile(bytes, options, path("output")));
  EXPECT_NE(found.message.find("crt1.o"), std::string::npos) << found.message;
  EXPECT_EQ(files(), std::vector<std::string>{"resources"});
  EXPECT_FALSE(
      compile(bytes, optionsFor(OutputKind::Executable), path("output")));
}

TEST_F(Failure, ASignalLeavesNoFiles) {
  std::vector<std::vector<uint8_t>> bodies(24, longBody(1 << 20));
  std::vector<uint8_t> bytes = moduleOf(bodies);
  pid_t child = fork();
  if (child == 0) {
    CompileOptions options = optionsFor(OutputKind::Executable);
    options.jobs = 1;
    consumeError(compile(bytes, options, path("output")));
    _exit(0);
  }
  // Killed between the first partition's file and the end.
  constexpr unsigned Step = 2'000, Limit = 60'000'000;
  for (unsigned waited = 0; files().empty() && waited < Limit; waited += Step)
    usleep(Step);
  usleep(50'000); // a file exists a moment before it is known to the handler
  kill(child, SIGTERM);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended before the signal";
  EXPECT_TRUE(files().empty()) << files()[0];
}

TEST_F(Failure, UnknownProcessorsAreRefused) {
  std::vector<uint8_t> bytes = moduleOf({longBody(8)});
  CompileOptions options = optionsFor(OutputKind::Object);
  options.cpu = "z80";
  EXPECT_EQ(diagnosticOf(compile(bytes, options, path("output"))).kind,
            wasmetal::DiagnosticKind::Unsupported);
}
