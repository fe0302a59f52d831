// opcodes.def as constant tables: by opcode, and by encoding.
#include "compiler/wasm/opcodes.h"

#include <string_view>

namespace wasmetal {

namespace {

/// A signature of opcodes.def: `ii_i`, or `X` for none.
struct Signature {
  bool isFixed = false;
  size_t numParams = 0;
  size_t numResults = 0;
  ValType params[4] = {};
  ValType results[2] = {};
};

} // namespace

static constexpr ValType typeOfLetter(char letter) {
  switch (letter) {
  case 'i':
    return ValType::i32();
  case 'l':
    return ValType::i64();
  case 'f':
    return ValType::f32();
  case 'd':
    return ValType::f64();
  case 'v':
    return ValType::v128();
  default:
    return ValType::bottom();
  }
}

static constexpr Signature parseSignature(std::string_view text) {
  Signature signature;
  if (text == "X")
    return signature;
  signature.isFixed = true;
  size_t bar = text.find('_');
  for (char letter : text.substr(0, bar))
    if (letter != 'V')
      signature.params[signature.numParams++] = typeOfLetter(letter);
  for (char letter : text.substr(bar + 1))
    if (letter != 'V')
      signature.results[signature.numResults++] = typeOfLetter(letter);
  return signature;
}

static constexpr Signature signatures[] = {
#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  parseSignature(#signature),
#include "compiler/wasm/opcodes.def"
};

static constexpr size_t numOpcodes = std::size(signatures);

static constexpr OpcodeInfo infoOf(std::string_view mnemonic,
                                   Immediate immediate, Feature feature,
                                   Opcode op, bool isEmitted) {
  const Signature &signature = signatures[static_cast<size_t>(op)];
  return {mnemonic,
          immediate,
          feature,
          signature.isFixed,
          isEmitted,
          {signature.params, signature.numParams},
          {signature.results, signature.numResults}};
}

static constexpr OpcodeInfo infos[] = {
#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  infoOf(mnemonic, Immediate::immediate, Feature::feature, Opcode::name, true),
#define UNEMITTED(name, prefix, code, mnemonic, immediate, signature, feature) \
  infoOf(mnemonic, Immediate::immediate, Feature::feature, Opcode::name, false),
#include "compiler/wasm/opcodes.def"
};

/// Encodings: one row for the bytes, one for each of 0xFB to 0xFE. An entry is
/// the opcode's number plus one, or 0.
static constexpr size_t rowLength = 512;

namespace {
struct EncodingTable {
  uint16_t rows[5][rowLength] = {};
};
} // namespace

static constexpr size_t rowOfPrefix(uint8_t prefix) {
  return prefix == 0 ? 0 : prefix - 0xfb + 1;
}

static constexpr EncodingTable makeEncodings() {
  EncodingTable table;
#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  table.rows[rowOfPrefix(prefix)][code] =                                      \
      static_cast<uint16_t>(Opcode::name) + 1;
#include "compiler/wasm/opcodes.def"
  return table;
}

static constexpr EncodingTable encodings = makeEncodings();

const OpcodeInfo &opcodeInfo(Opcode op) {
  static_assert(numOpcodes == std::size(infos));
  return infos[static_cast<size_t>(op)];
}

std::optional<Opcode> findOpcode(uint8_t prefix, uint32_t code) {
  if (prefix != 0 && (prefix < 0xfb || prefix > 0xfe))
    return std::nullopt;
  if (code >= rowLength)
    return std::nullopt;
  uint16_t entry = encodings.rows[rowOfPrefix(prefix)][code];
  if (entry == 0)
    return std::nullopt;
  return static_cast<Opcode>(entry - 1);
}

} // namespace wasmetal
