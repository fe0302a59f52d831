// Bytes, LEB128 integers and names from a span of the file, with the exact
// overflow rules of https://webassembly.github.io/spec/core/binary/values.html
//
// The reader latches its first error and then stands at its end, so that loops
// stop and callers need to look only once.
#pragma once

#include "compiler/wasm/first_error.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace wasmetal {

class ByteReader {
public:
  /// The span's first byte stands at `fileOffset` of the file.
  ByteReader(llvm::ArrayRef<uint8_t> bytes, uint64_t fileOffset)
      : base(bytes.begin()), cursor(bytes.begin()), limit(bytes.end()),
        baseOffset(fileOffset) {}

  uint64_t offset() const { return baseOffset + (cursor - base); }
  size_t remaining() const { return limit - cursor; }
  bool atEnd() const { return cursor == limit; }
  llvm::ArrayRef<uint8_t> rest() const { return {cursor, limit}; }

  uint8_t readByte() {
    if (cursor == limit)
      return failAtEnd();
    return *cursor++;
  }
  /// The next byte without consuming it; 0 at the end.
  uint8_t peekByte() const { return cursor == limit ? 0 : *cursor; }

  uint32_t readU32() {
    if (cursor != limit && *cursor < 0x80)
      return *cursor++;
    return static_cast<uint32_t>(readLeb(32, /*isSigned=*/false));
  }
  uint64_t readU64() { return readLeb(64, /*isSigned=*/false); }
  int32_t readS32() { return static_cast<int32_t>(readLeb(32, true)); }
  int64_t readS33() { return static_cast<int64_t>(readLeb(33, true)); }
  int64_t readS64() { return static_cast<int64_t>(readLeb(64, true)); }
  uint32_t readFixed32();
  uint64_t readFixed64();

  llvm::ArrayRef<uint8_t> readBytes(uint64_t size);
  void skipRest() { cursor = limit; }
  /// A vector of bytes that are UTF-8.
  llvm::StringRef readName();
  /// A vector's length. Every element takes at least `elementSize` bytes, so
  /// that a length beyond what remains is an error at once and callers may
  /// reserve what they are told.
  uint32_t readCount(size_t elementSize = 1);

  /// Hides all but the next `size` bytes until `leave`, which wants all of
  /// them read. `enter` returns what `leave` needs.
  const uint8_t *enter(uint64_t size);
  void leave(const uint8_t *outerLimit);

  void fail(uint64_t errorOffset, const llvm::Twine &message,
            DiagnosticKind kind = DiagnosticKind::Malformed) {
    error.set(kind, errorOffset, message);
    cursor = limit;
  }
  bool failed() const { return static_cast<bool>(error); }
  const FirstError &firstError() const { return error; }

private:
  uint8_t failAtEnd();
  uint64_t readLeb(unsigned bits, bool isSigned);

  const uint8_t *base;
  const uint8_t *cursor;
  const uint8_t *limit;
  uint64_t baseOffset;
  FirstError error;
};

} // namespace wasmetal
