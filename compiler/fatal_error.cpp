// See fatal_error.h.
#include "compiler/fatal_error.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <new>

using namespace llvm;

/// Whichever thread it is, and whatever it holds: nothing is unwound.
static void endProcess(void *input, const char *reason, bool) {
  StringRef line = StringRef(reason).split('\n').first;
  errs() << *static_cast<const std::string *>(input) << ": LLVM: " << line
         << "\n";
  sys::RunInterruptHandlers(); // removes temporary files
  sys::Process::Exit(EXIT_FAILURE, /*NoCleanup=*/true);
}

void wasmetal::reportFatalErrors(const std::string &input) {
  void *name = const_cast<std::string *>(&input);
  install_fatal_error_handler(endProcess, name);
  install_bad_alloc_error_handler(endProcess, name);
  // By way of LLVM's handler, which knows the name.
  std::set_new_handler([] { report_bad_alloc_error("out of memory"); });
}
