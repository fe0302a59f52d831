// Hashes a recursion group so that equal types, and only they, get equal ids
// in all modules:
// https://webassembly.github.io/spec/core/valid/conventions.html (rolling of
// recursive types).
//
// The sandbox rests on this file: call_indirect compares these ids. Every
// field is tagged or of a fixed size, so that the encoding is injective; and
// guests choose their types, so that the hash is a cryptographic one.
#include "compiler/wasm/canonical_types.h"

#include "llvm/Support/SHA256.h"

#include <map>

namespace wasmetal {

namespace {

class GroupHasher {
public:
  GroupHasher(llvm::ArrayRef<DefinedType> types, uint32_t groupStart)
      : types(types), groupStart(groupStart) {}

  CanonicalId hash() {
    number(types.size() - groupStart);
    for (const DefinedType &type : types.drop_front(groupStart))
      define(type);
    return llvm::SHA256::hash(encoding);
  }

private:
  void define(const DefinedType &type) {
    byte(static_cast<uint8_t>(type.kind));
    byte(type.isFinal);
    number(type.supertypes.size());
    for (uint32_t supertype : type.supertypes)
      reference(supertype);
    values(type.func.params);
    values(type.func.results);
    number(type.fields.size());
    for (const FieldType &field : type.fields) {
      byte(static_cast<uint8_t>(field.packed));
      byte(field.isMutable);
      value(field.type);
    }
  }

  void values(llvm::ArrayRef<ValType> list) {
    number(list.size());
    for (ValType type : list)
      value(type);
  }

  void value(ValType type) {
    byte(static_cast<uint8_t>(type.kind));
    if (!type.isRef())
      return;
    byte(type.nullable);
    byte(static_cast<uint8_t>(type.heap));
    if (type.heap == HeapKind::Index)
      reference(type.typeIndex);
  }

  /// Within the group by position, outside of it by identity.
  void reference(uint32_t index) {
    bool isInside = index >= groupStart;
    byte(isInside);
    if (isInside) {
      number(index - groupStart);
      return;
    }
    const CanonicalId &id = types[index].canonical;
    encoding.append(id.begin(), id.end());
  }

  void byte(uint8_t value) { encoding.push_back(value); }
  void number(uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8)
      byte(static_cast<uint8_t>(value >> shift));
  }

  llvm::ArrayRef<DefinedType> types;
  uint32_t groupStart;
  llvm::SmallVector<uint8_t, 128> encoding;
};

} // namespace

void setCanonicalIds(llvm::MutableArrayRef<DefinedType> types,
                     uint32_t groupStart) {
  CanonicalId group = GroupHasher(types, groupStart).hash();
  for (uint32_t index = groupStart; index < types.size(); index++) {
    uint32_t position = index - groupStart;
    std::array<uint8_t, sizeof(group) + 4> encoding;
    std::copy(group.begin(), group.end(), encoding.begin());
    for (unsigned i = 0; i < 4; i++)
      encoding[sizeof(group) + i] = static_cast<uint8_t>(position >> (8 * i));
    types[index].canonical = llvm::SHA256::hash(encoding);
  }
}

void numberTypes(llvm::MutableArrayRef<DefinedType> types) {
  std::map<CanonicalId, uint32_t> first;
  for (uint32_t index = 0; index < types.size(); index++)
    types[index].firstEqual =
        first.try_emplace(types[index].canonical, index).first->second;
}

} // namespace wasmetal
