// The binary format's types.
// https://webassembly.github.io/spec/core/binary/types.html
#pragma once

#include "compiler/wasm/byte_reader.h"
#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/module.h"

namespace wasmetal {

/// Implementation limits, those of the JavaScript API's appendix.
inline constexpr uint32_t maxTypes = 1'000'000;
inline constexpr uint32_t maxParams = 1'000;
inline constexpr uint32_t maxResults = 1'000;
inline constexpr uint32_t maxFields = 10'000;

/// After an error these return any value; the reader has latched the error.
ValType readValType(ByteReader &in);
ValType readRefType(ByteReader &in);
/// As the nullable reference to it.
ValType readHeapType(ByteReader &in);
BlockType readBlockType(ByteReader &in);
bool readMutability(ByteReader &in);

TableType readTableType(ByteReader &in);
MemoryType readMemoryType(ByteReader &in);
GlobalType readGlobalType(ByteReader &in);

/// Appends one recursion group, with its canonical ids. Each type may refer to
/// the types before it and to those of its own group.
void readRecursionGroup(ByteReader &in, std::vector<DefinedType> &types);

} // namespace wasmetal
