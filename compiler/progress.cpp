#include "compiler/progress.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <unistd.h>

using namespace wasmetal;
using namespace llvm;

static constexpr std::chrono::milliseconds Delay(1000);
static constexpr std::chrono::milliseconds Interval(100);

Progress::Progress()
    : terminal(isatty(STDERR_FILENO)), start(Clock::now()),
      next(start + Delay) {}

Progress::~Progress() { erase(); }

void Progress::update(uint64_t done, uint64_t total) {
  if (!terminal || total == 0)
    return;
  Clock::time_point now = Clock::now();
  if (now < next)
    return;
  next = now + Interval;
  shown = true;
  double seconds = std::chrono::duration<double>(now - start).count();
  // Back to the first column, and erase to the end of the line.
  errs() << "\r\x1b[K"
         << format("%3.0f %% of %llu KiB of code, %.0f s",
                   100.0 * static_cast<double>(done) /
                       static_cast<double>(total),
                   static_cast<unsigned long long>(total >> 10), seconds);
  errs().flush();
}

void Progress::erase() {
  if (!shown)
    return;
  shown = false;
  errs() << "\r\x1b[K";
  errs().flush();
}
