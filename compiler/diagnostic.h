// The one kind of error that the compiler reports to its user.
//
// Fallible passes return llvm::Expected<T> or llvm::Error carrying a
// Diagnostic. The text follows the rules of the project: lower case, no full
// stop, with the byte offset, the function and both values where they exist.
#pragma once

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace wasmetal {

enum class DiagnosticKind {
  Malformed,   // the bytes do not follow the binary grammar
  Invalid,     // the module does not validate
  Unsupported, // a valid feature or option that this compiler lacks
  Io,          // a file could not be read or written
  Internal,    // a bug in the compiler
};

class Diagnostic : public llvm::ErrorInfo<Diagnostic> {
public:
  static char ID;

  Diagnostic(DiagnosticKind kind, std::optional<uint64_t> offset,
             std::string message)
      : kind(kind), offset(offset), message(std::move(message)) {}

  /// Prints `0x1f3: message`, or the message alone where there is no offset.
  /// The caller puts the file's name in front.
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

  DiagnosticKind kind;
  std::optional<uint64_t> offset; // byte offset in the input file
  std::string message;
};

llvm::Error makeError(DiagnosticKind kind, uint64_t offset,
                      const llvm::Twine &message);
llvm::Error makeError(DiagnosticKind kind, const llvm::Twine &message);

} // namespace wasmetal
