// The last stage: lld, and the file that appears as a whole or not at all.
#pragma once

#include "compiler/codegen/firmware.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MemoryBuffer.h"

namespace wasmetal {

/// Prepares the removal of temporary files by signals. LLVM gives the thread
/// that asks first a stack for handlers: not to a worker, which ends.
void prepareForSignals();

/// A file in the folder for temporary files; gone when this object or the
/// process ends, by a signal too.
class TemporaryFile {
public:
  static llvm::Expected<TemporaryFile> create(llvm::ArrayRef<char> bytes);
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile &&other) : name(std::move(other.name)) {
    other.name.clear();
  }
  TemporaryFile &operator=(TemporaryFile &&other) {
    std::swap(name, other.name);
    return *this;
  }
  ~TemporaryFile();

  const std::string &path() const { return name; }

private:
  std::string name;
};

/// Links the objects into what options.output asks for; firmware for a board.
llvm::Error linkOutput(llvm::ArrayRef<TemporaryFile> objects,
                       const CompileOptions &options, const Board *board,
                       llvm::StringRef outputPath);

/// Writes a file that needs no linker.
llvm::Error writeOutput(llvm::ArrayRef<char> bytes, llvm::StringRef outputPath);

} // namespace wasmetal
