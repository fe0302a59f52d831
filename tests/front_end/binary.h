// Modules byte by byte, for tests that need what no assembler writes.
#pragma once

#include "tests/front_end/check_module.h"

#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/text.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace wasmetal {

using Bytes = std::vector<uint8_t>;

inline void append(Bytes &bytes, const Bytes &more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

inline Bytes leb(uint64_t value) {
  Bytes bytes;
  do {
    uint8_t byte = value & 0x7f;
    value >>= 7;
    bytes.push_back(value ? byte | 0x80 : byte);
  } while (value);
  return bytes;
}

inline Bytes section(uint8_t id, const Bytes &contents) {
  Bytes bytes = {id};
  append(bytes, leb(contents.size()));
  append(bytes, contents);
  return bytes;
}

inline Bytes moduleOf(std::initializer_list<Bytes> sections) {
  Bytes bytes = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const Bytes &each : sections)
    append(bytes, each);
  return bytes;
}

/// A code section of one body.
inline Bytes codeOf(const Bytes &body) {
  Bytes contents = {0x01};
  append(contents, leb(body.size()));
  append(contents, body);
  return section(10, contents);
}

/// A module of one function of type [] -> [] with that body.
inline Bytes functionOf(const Bytes &body) {
  return moduleOf({section(1, {0x01, 0x60, 0x00, 0x00}),
                   section(3, {0x01, 0x00}), codeOf(body)});
}

/// The diagnostic of a binary, or "OK".
inline std::string check(const Bytes &bytes) {
  std::string message = llvm::toString(checkModule(bytes));
  return message.empty() ? "OK" : message;
}

/// The diagnostic of a text, or "OK".
inline std::string checkText(llvm::StringRef text) {
  llvm::Expected<Bytes> bytes = assembleText(text, "test.wat");
  if (!bytes)
    return llvm::toString(bytes.takeError());
  return check(*bytes);
}

} // namespace wasmetal
