#include "versioning.h"

#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using namespace wasmetal;

llvm::Function &VersioningTest::parse(const std::string &body,
                                      const std::string &layout) {
  std::string text =
      "target datalayout = \"" + layout +
      "\"\n"
      "declare ptr @wm_translate(ptr, ptr, i64, i64, i64, i64, i64) "
      "nounwind memory(read)\n"
      "declare ptr @wm_translate64(ptr, ptr, i64, i64, i64, i64, i64) "
      "nounwind memory(read)\n"
      "declare void @other()\n"
      "define void @f(ptr %memory, ptr align 16 %base, i32 %a, i32 %b, i32 "
      "%n, i64 %p64, i64 %m64) {\n" +
      body + "}\n";
  SMDiagnostic error;
  module = parseAssemblyString(text, error, context);
  EXPECT_TRUE(module) << error.getMessage().str() << "\n" << text;
  return *module->getFunction("f");
}

std::string VersioningTest::describe(llvm::Function &function) {
  auto &loops = functions.getResult<LoopAnalysis>(function);
  wasmetal::LoopNest nest(
      *loops.begin(), functions.getResult<ScalarEvolutionAnalysis>(function),
      loops, functions.getResult<DominatorTreeAnalysis>(function));
  nest.analyze();
  std::string text;
  raw_string_ostream stream(text);
  for (const Access &access : nest.accesses) {
    std::optional<Range> range = nest.range(access.address);
    stream << *range->low << " to " << *range->high << "; ";
  }
  stream << nest.left.size() << " left";
  return text;
}

bool VersioningTest::version(llvm::Function &function) {
  bool changed = !BoundsVersioningPass(/*hasStrips=*/false)
                      .run(function, functions)
                      .areAllPreserved();
  std::string messages;
  raw_string_ostream stream(messages);
  EXPECT_FALSE(verifyFunction(function, &stream)) << messages;
  return changed;
}

size_t VersioningTest::countOf(llvm::Function &function, StringRef what) {
  return count_if(instructions(function), [&](llvm::Instruction &inst) {
    std::string text;
    raw_string_ostream(text) << inst;
    return StringRef(text).contains(what);
  });
}

size_t VersioningTest::countIn(StringRef text, const CompileOptions &options,
                               StringRef what) {
  std::string ir = contentOf(compileText(text, options, "output.ll"));
  StringRef body = StringRef(ir).split(":loop\"(").second.split("\n}").first;
  EXPECT_FALSE(body.empty());
  return body.count(what);
}

std::string wasmetal::store(const std::string &address) {
  return "%wide." + address + " = zext i32 %" + address +
         " to i64\n"
         "%at." +
         address +
         " = call ptr @wm_translate(ptr %memory, ptr %base, i64 %wide." +
         address +
         ", i64 16, i64 8, i64 65536, i64 131072)\n"
         "store volatile i64 0, ptr %at." +
         address + ", align 1\n";
}

std::string wasmetal::store(const std::string &address,
                            const std::string &value) {
  std::string text = store(address);
  text.replace(text.find("i64 0, ptr"), 5, "i64 %" + value);
  return text;
}

std::string wasmetal::load(const std::string &value,
                           const std::string &address) {
  return "%wide." + value + " = zext i32 %" + address +
         " to i64\n"
         "%at." +
         value +
         " = call ptr @wm_translate(ptr %memory, ptr %base, i64 %wide." +
         value + ", i64 16, i64 8, i64 65536, i64 131072)\n%" + value +
         " = load volatile i64, ptr %at." + value + ", align 1\n";
}

std::string wasmetal::storeWide(const std::string &address,
                                const std::string &offset) {
  return "%at." + address +
         " = call ptr @wm_translate64(ptr %memory, ptr %base, i64 %" + address +
         ", i64 " + offset +
         ", i64 8, i64 65536, i64 131072)\n"
         "store i64 0, ptr %at." +
         address + ", align 1\n";
}

std::string wasmetal::loopOf(const std::string &body, const std::string &step,
                             const std::string &compare) {
  return "entry:\n"
         "%some = icmp ne i32 %n, 0\n"
         "br i1 %some, label %before, label %end\n"
         "before:\n"
         "br label %loop\n"
         "loop:\n"
         "%i = phi i32 [ 0, %before ], [ %next, %loop ]\n" +
         body + "%next = add i32 %i, " + step + "\n%more = icmp " + compare +
         " i32 %next, %n\n"
         "br i1 %more, label %loop, label %after\n"
         "after:\n"
         "br label %end\n"
         "end:\n"
         "ret void\n";
}
