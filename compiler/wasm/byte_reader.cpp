// The slow paths of the byte reader, and its errors in the specification's
// words. https://webassembly.github.io/spec/core/binary/values.html
#include "compiler/wasm/byte_reader.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Endian.h"

namespace wasmetal {

uint8_t ByteReader::failAtEnd() {
  fail(offset(), "unexpected end");
  return 0;
}

uint64_t ByteReader::readLeb(unsigned bits, bool isSigned) {
  uint64_t start = offset();
  unsigned maxBytes = (bits + 6) / 7;
  uint64_t result = 0;
  for (unsigned i = 0; i < maxBytes; i++) {
    if (cursor == limit)
      return failAtEnd();
    uint8_t byte = *cursor++;
    if (i == maxBytes - 1) {
      if (byte & 0x80) {
        fail(start, "integer representation too long");
        return 0;
      }
      // The bits of the last byte that the type has no room for must repeat
      // the sign, or be zero.
      unsigned room = bits - 7 * i;
      uint8_t excess = isSigned ? byte >> (room - 1) : byte >> room;
      uint8_t ones = isSigned ? 0x7f >> (room - 1) : 0;
      if (excess != 0 && excess != ones) {
        fail(start, "integer too large");
        return 0;
      }
    }
    result |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte & 0x80)
      continue;
    if (isSigned && (byte & 0x40) && 7 * (i + 1) < 64)
      result |= ~uint64_t(0) << (7 * (i + 1));
    return result;
  }
  return 0;
}

uint32_t ByteReader::readFixed32() {
  llvm::ArrayRef<uint8_t> bytes = readBytes(4);
  return bytes.empty() ? 0 : llvm::support::endian::read32le(bytes.data());
}

uint64_t ByteReader::readFixed64() {
  llvm::ArrayRef<uint8_t> bytes = readBytes(8);
  return bytes.empty() ? 0 : llvm::support::endian::read64le(bytes.data());
}

llvm::ArrayRef<uint8_t> ByteReader::readBytes(uint64_t size) {
  if (size > remaining()) {
    fail(offset(), "unexpected end: " + llvm::Twine(size) + " bytes wanted, " +
                       llvm::Twine(remaining()) + " remain");
    return {};
  }
  llvm::ArrayRef<uint8_t> bytes(cursor, size);
  cursor += size;
  return bytes;
}

llvm::StringRef ByteReader::readName() {
  uint32_t size = readU32();
  uint64_t start = offset();
  llvm::ArrayRef<uint8_t> bytes = readBytes(size);
  const llvm::UTF8 *text = bytes.begin();
  if (!llvm::isLegalUTF8String(&text, bytes.end())) {
    fail(start + (text - bytes.begin()), "malformed UTF-8 encoding");
    return {};
  }
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

uint32_t ByteReader::readCount(size_t elementSize) {
  uint64_t start = offset();
  uint32_t count = readU32();
  if (count > remaining() / elementSize) {
    fail(start, "unexpected end: " + llvm::Twine(count) +
                    " elements do not fit into the remaining " +
                    llvm::Twine(remaining()) + " bytes");
    return 0;
  }
  return count;
}

const uint8_t *ByteReader::enter(uint64_t size) {
  const uint8_t *outerLimit = limit;
  if (size > remaining()) {
    fail(offset(), "length out of bounds: " + llvm::Twine(size) +
                       " bytes wanted, " + llvm::Twine(remaining()) +
                       " remain");
    return outerLimit;
  }
  limit = cursor + size;
  return outerLimit;
}

void ByteReader::leave(const uint8_t *outerLimit) {
  if (cursor != limit)
    fail(offset(), "section size mismatch: " + llvm::Twine(remaining()) +
                       " bytes are left over");
  limit = outerLimit;
  if (failed())
    cursor = limit;
}

} // namespace wasmetal
