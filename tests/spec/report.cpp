// One record a line: its kind, then its text.
#include "tests/spec/report.h"

#include "llvm/ADT/StringExtras.h"

#include <unistd.h>

namespace spec {

void Report::send(char kind, const llvm::Twine &text) {
  std::string record = kind + text.str();
  for (char &c : record)
    if (c == '\n')
      c = ' ';
  record += '\n';
  for (size_t done = 0; done < record.size();) {
    ssize_t size = write(pipe, record.data() + done, record.size() - done);
    if (size <= 0)
      _exit(3); // the parent is gone
    done += static_cast<size_t>(size);
  }
}

void Report::fail(const llvm::Twine &message) {
  ++progress.failed;
  send('F', llvm::Twine(progress.line) + ": " + message);
}

void Report::skip(int entry, const llvm::Twine &detail) {
  ++progress.skipped;
  use(entry);
  if (verbose)
    send('S', llvm::Twine(progress.line) + ": skipped, entry of line " +
                  llvm::Twine(entry) + detail);
}

void Report::use(int entry) {
  if (used.insert(entry).second)
    send('U', llvm::Twine(entry));
}

} // namespace spec
