// libwabt takes static offsets of 32 bits. In the text, wider ones stand behind
// an access's operands, as a constant that is dropped (wideOffset in text.h);
// here they get into the access, in as many bytes.
#include "tests/exact/check.h"

#include "compiler/wasm/text.h"

#include "llvm/Support/LEB128.h"

#include <algorithm>

namespace exact {

enum : uint8_t { Nop = 0x01, Drop = 0x1a, I64Const = 0x42 };

static bool isAccess(uint8_t opcode) {
  constexpr uint8_t FirstLoad = 0x28, LastStore = 0x3e;
  return opcode >= FirstLoad && opcode <= LastStore;
}

/// Where this is two nops, an i64.const, a drop, and an access with the largest
/// offset of 32 bits: more nops, and the access with the constant for its
/// offset.
static void widen(uint8_t *code, const uint8_t *end) {
  constexpr uint8_t Widest[] = {0xff, 0xff, 0xff, 0xff, 0x0f};
  if (end - code < 3 || code[0] != Nop || code[1] != Nop || code[2] != I64Const)
    return;
  const char *error = nullptr;
  unsigned size;
  int64_t offset = llvm::decodeSLEB128(code + 3, &size, end, &error);
  uint8_t *drop = code + 3 + size;
  uint8_t *old = drop + 3; // behind opcode and alignment
  if (error || old + sizeof Widest > end || *drop != Drop ||
      !isAccess(drop[1]) ||
      !std::equal(std::begin(Widest), std::end(Widest), old))
    return;
  uint8_t access[] = {drop[1], drop[2]};
  uint8_t *last = old + sizeof Widest;
  uint64_t wide = static_cast<uint64_t>(offset);
  uint8_t *start = last - llvm::getULEB128Size(wide) - sizeof access;
  std::fill(code, start, Nop);
  std::copy(std::begin(access), std::end(access), start);
  llvm::encodeULEB128(wide, start + sizeof access);
}

llvm::Expected<std::vector<uint8_t>> assemble(const std::string &text) {
  llvm::Expected<std::vector<uint8_t>> bytes =
      wasmetal::assembleText(text, "exact.wat");
  if (bytes)
    for (uint8_t &byte : *bytes)
      widen(&byte, bytes->data() + bytes->size());
  return bytes;
}

} // namespace exact
