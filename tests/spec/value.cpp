// Values of the scripts. The host reference with number N is the pointer N + 1,
// so that number 0 is not null.
#include "tests/spec/value.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

namespace spec {

static llvm::StringRef text(const llvm::json::Object &value, const char *key) {
  return value.getString(key).value_or("");
}

static bool parseBits(llvm::StringRef digits, uint64_t &bits) {
  return !digits.getAsInteger(10, bits);
}

/// Whether the script's type may stand for `kind`.
static bool isType(const llvm::json::Object &value, uint8_t kind) {
  llvm::StringRef type = text(value, "type");
  switch (kind) {
  case WM_I32:
    return type == "i32";
  case WM_I64:
    return type == "i64";
  case WM_F32:
    return type == "f32";
  case WM_F64:
    return type == "f64";
  case WM_V128:
    return type == "v128";
  default:
    break;
  }
  if (type != "ref")
    return false;
  llvm::StringRef heap = text(value, "heap");
  if (heap.empty()) // (ref.null): of any type
    return true;
  switch (kind) {
  case WM_FUNCREF:
    return heap == "func" || heap == "nofunc";
  case WM_EXTERNREF:
    return heap == "extern" || heap == "noextern";
  case WM_EXNREF:
    return heap == "exn" || heap == "noexn";
  default:
    return heap == "any" || heap == "eq" || heap == "i31" || heap == "struct" ||
           heap == "array" || heap == "none";
  }
}

static void *hostReference(uint64_t number) {
  return reinterpret_cast<void *>(number + 1);
}

/// Bytes of a lane of the script's type: i8 to i64, f32, f64.
static unsigned laneSize(llvm::StringRef type) {
  unsigned bits = 0;
  type.drop_front().getAsInteger(10, bits);
  return bits / 8;
}

static bool parseLanes(const llvm::json::Object &value, wm_value &out) {
  unsigned size = laneSize(text(value, "lane_type"));
  const llvm::json::Array *lanes = value.getArray("lanes");
  if (!size || lanes->size() * size != sizeof out.v128)
    return false;
  for (size_t i = 0; i < lanes->size(); ++i) {
    uint64_t bits;
    if (!parseBits(text(*(*lanes)[i].getAsObject(), "value"), bits))
      return false;
    memcpy(out.v128 + i * size, &bits, size);
  }
  return true;
}

bool parseArgument(const llvm::json::Object &value, uint8_t kind,
                   wm_value &out) {
  memset(&out, 0, sizeof out);
  if (!isType(value, kind))
    return false;
  if (kind == WM_V128)
    return parseLanes(value, out);
  llvm::StringRef digits = text(value, "value");
  if (kind >= WM_FUNCREF && digits == "null")
    return true;
  uint64_t bits;
  if ((kind >= WM_FUNCREF && kind != WM_EXTERNREF) || !parseBits(digits, bits))
    return false;
  if (kind == WM_EXTERNREF)
    out.ref = hostReference(bits);
  else
    out.i64 = static_cast<int64_t>(bits);
  return true;
}

static bool matchesFloat(llvm::StringRef pattern, uint64_t bits,
                         uint64_t quietNan, uint64_t sign) {
  if (pattern == "nan:canonical")
    return (bits & ~sign) == quietNan;
  if (pattern == "nan:arithmetic")
    return (bits & quietNan) == quietNan;
  uint64_t expected;
  return parseBits(pattern, expected) && bits == expected;
}

/// Lanes are values of their own, with patterns of NaN each.
static bool matchesLanes(const llvm::json::Object &expected,
                         const wm_value &actual) {
  llvm::StringRef type = text(expected, "lane_type");
  unsigned size = laneSize(type);
  const llvm::json::Array *lanes = expected.getArray("lanes");
  if (!size || lanes->size() * size != sizeof actual.v128)
    return false;
  for (size_t i = 0; i < lanes->size(); ++i) {
    wm_value lane = {};
    memcpy(&lane, actual.v128 + i * size, size);
    const llvm::json::Object &pattern = *(*lanes)[i].getAsObject();
    uint64_t bits;
    if (type.starts_with("f")
            ? !matches(pattern, size == 4 ? WM_F32 : WM_F64, lane)
            : !parseBits(text(pattern, "value"), bits) ||
                  memcmp(&bits, &lane, size) != 0)
      return false;
  }
  return true;
}

bool matches(const llvm::json::Object &expected, uint8_t kind,
             const wm_value &actual) {
  if (text(expected, "type") == "either") {
    const llvm::json::Array *values = expected.getArray("values");
    for (const llvm::json::Value &value : *values)
      if (matches(*value.getAsObject(), kind, actual))
        return true;
    return false;
  }
  if (!isType(expected, kind))
    return false;
  llvm::StringRef pattern = text(expected, "value");
  uint32_t low = static_cast<uint32_t>(actual.i32);
  uint64_t bits;
  switch (kind) {
  case WM_I32:
    return parseBits(pattern, bits) && bits == low;
  case WM_I64:
    return parseBits(pattern, bits) &&
           bits == static_cast<uint64_t>(actual.i64);
  case WM_F32:
    return matchesFloat(pattern, low, 0x7fc00000, 0x80000000);
  case WM_F64:
    return matchesFloat(pattern, static_cast<uint64_t>(actual.i64),
                        0x7ff8000000000000, 0x8000000000000000);
  case WM_V128:
    return matchesLanes(expected, actual);
  case WM_FUNCREF:
  case WM_EXTERNREF:
  case WM_ANYREF:
  case WM_EXNREF:
    if (pattern == "null")
      return actual.ref == nullptr;
    if (pattern == "any")
      return actual.ref != nullptr;
    return parseBits(pattern, bits) && actual.ref == hostReference(bits);
  default:
    return false;
  }
}

std::string print(const llvm::json::Object &expected) {
  std::string result;
  llvm::raw_string_ostream os(result);
  if (text(expected, "type") == "either") {
    for (const llvm::json::Value &value : *expected.getArray("values"))
      os << (result.empty() ? "" : " or ") << print(*value.getAsObject());
    return result;
  }
  llvm::StringRef type = text(expected, "type");
  llvm::StringRef value = text(expected, "value");
  if (type == "v128") {
    os << type;
    for (const llvm::json::Value &lane : *expected.getArray("lanes"))
      os << ' ' << print(*lane.getAsObject());
    return result;
  }
  uint64_t bits;
  os << type << ':';
  if (type.starts_with("f") && parseBits(value, bits))
    os << "0x" << llvm::utohexstr(bits);
  else
    os << value;
  return result;
}

std::string print(uint8_t kind, const wm_value &value) {
  std::string result;
  llvm::raw_string_ostream os(result);
  switch (kind) {
  case WM_I32:
    os << "i32:" << static_cast<uint32_t>(value.i32);
    break;
  case WM_I64:
    os << "i64:" << static_cast<uint64_t>(value.i64);
    break;
  case WM_F32:
    os << "f32:0x" << llvm::utohexstr(static_cast<uint32_t>(value.i32));
    break;
  case WM_F64:
    os << "f64:0x" << llvm::utohexstr(static_cast<uint64_t>(value.i64));
    break;
  case WM_FUNCREF:
    os << (value.ref ? "ref:func" : "ref:null");
    break;
  case WM_ANYREF:
  case WM_EXNREF:
    os << (value.ref ? "ref" : "ref:null");
    break;
  case WM_EXTERNREF:
    if (value.ref)
      os << "ref:" << reinterpret_cast<uintptr_t>(value.ref) - 1;
    else
      os << "ref:null";
    break;
  default:
    os << "v128:" << llvm::toHex(value.v128);
  }
  return result;
}

} // namespace spec
