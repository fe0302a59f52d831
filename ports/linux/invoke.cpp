// `--invoke`: calls one export with arguments given as text and prints its
// results. Linked into programs that were compiled for it; the conversion of
// floating-point numbers is libc's.
#include "ports/linux/program.h"
#include "ports/linux/syscall.h"
#include "runtime/port.h"
#include "runtime/program.h"

#include <stddef.h>

// Freestanding code has no headers of libc.
extern "C" {
double strtod(const char *text, char **end);
float strtof(const char *text, char **end);
int snprintf(char *buffer, size_t size, const char *format, ...);
}

static const char *kindName(uint8_t kind) {
  static const char *const names[] = {"i32",  "i64",     "f32",      "f64",
                                      "v128", "funcref", "externref"};
  return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

static int digitValue(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return 255;
}

/// Decimal or hexadecimal, signed or unsigned, of at most `bits` bits.
static bool parseInteger(const char *text, unsigned bits, uint64_t *out) {
  bool is_negative = *text == '-';
  if (*text == '-' || *text == '+')
    ++text;
  int base = 10;
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text += 2;
  }
  uint64_t value = 0;
  if (!*text)
    return false;
  for (; *text; ++text) {
    int digit = digitValue(*text);
    if (digit >= base)
      return false;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(base), &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(digit), &value))
      return false;
  }
  uint64_t limit = is_negative ? 1ull << (bits - 1) : ~0ull >> (64 - bits);
  if (value > limit)
    return false;
  *out = is_negative ? 0 - value : value;
  return true;
}

/// As printResult writes it: lane 0 of bytes last.
static bool parseVector(const char *text, wm_value *out) {
  if (text[0] != '0' || text[1] != 'x' || !text[2])
    return false;
  for (uint8_t &byte : out->v128)
    byte = 0;
  uint64_t digits = __builtin_strlen(text += 2);
  if (digits > 32)
    return false;
  for (uint64_t i = 0; i < digits; ++i) {
    int digit = digitValue(text[digits - 1 - i]);
    if (digit >= 16)
      return false;
    out->v128[i / 2] |= static_cast<uint8_t>(digit << (i % 2 * 4));
  }
  return true;
}

static bool parseValue(const char *text, uint8_t kind, wm_value *out) {
  uint64_t bits = 0;
  char *end = nullptr;
  switch (kind) {
  case WM_I32:
    if (!parseInteger(text, 32, &bits))
      return false;
    out->i32 = static_cast<int32_t>(bits);
    return true;
  case WM_I64:
    if (!parseInteger(text, 64, &bits))
      return false;
    out->i64 = static_cast<int64_t>(bits);
    return true;
  case WM_F32:
    out->f32 = strtof(text, &end);
    return end != text && !*end;
  case WM_F64:
    out->f64 = strtod(text, &end);
    return end != text && !*end;
  case WM_V128:
    return parseVector(text, out);
  default:
    return false;
  }
}

/// The fewest digits that read back as the same number.
static void formatFloat(char (&buffer)[64], double value, bool is_single) {
  if (__builtin_isnan(value)) {
    snprintf(buffer, sizeof(buffer), "nan");
    return;
  }
  int most = is_single ? 9 : 17;
  for (int digits = 1; digits <= most; ++digits) {
    snprintf(buffer, sizeof(buffer), "%.*g", digits, value);
    char *end;
    if (is_single ? strtof(buffer, &end) == static_cast<float>(value)
                  : strtod(buffer, &end) == value)
      return;
  }
}

static void printResult(const wm_value &value, uint8_t kind) {
  char buffer[64] = {};
  switch (kind) {
  case WM_I32:
    snprintf(buffer, sizeof(buffer), "%d", value.i32);
    break;
  case WM_I64:
    snprintf(buffer, sizeof(buffer), "%lld", static_cast<long long>(value.i64));
    break;
  case WM_F32:
    formatFloat(buffer, static_cast<double>(value.f32), true);
    break;
  case WM_F64:
    formatFloat(buffer, value.f64, false);
    break;
  case WM_V128: {
    Message message(buffer);
    message.text("0x");
    for (int i = 15; i >= 0; --i)
      message.number<16>(value.v128[i] >> 4).number<16>(value.v128[i] & 15);
    break;
  }
  default: {
    Message message(buffer);
    message.text(kindName(kind)).text(value.ref ? " not null" : " null");
  }
  }
  uint64_t size = __builtin_strlen(buffer);
  buffer[size++] = '\n';
  for (uint64_t done = 0; done < size;) {
    long written = linuxCall(__NR_write, 1, buffer + done, size - done);
    constexpr long Interrupted = -4;
    if (written == Interrupted)
      continue;
    if (written <= 0)
      return;
    done += static_cast<uint64_t>(written);
  }
}

static int callWithText(const wm_function *function, const char *name,
                        char **argv, wm_value *values) {
  const wm_type *type = typeOf(function);
  for (uint32_t i = 0; i < type->num_params; ++i) {
    if (parseValue(argv[i], type->kinds[i], &values[i]))
      continue;
    char buffer[512];
    Message message(buffer);
    message.text("argument ").number(i + 1).text(" of ");
    message.name(name, __builtin_strlen(name)).text(": expected ");
    message.text(kindName(type->kinds[i])).text(", found ");
    message.name(argv[i], __builtin_strlen(argv[i]));
    printLine(buffer);
    return 2;
  }
  wm_error error;
  wm_status status = callFunction(function, values, values, &error);
  if (status != WM_OK)
    return reportFailure(status, error);
  for (uint32_t i = 0; i < type->num_results; ++i)
    printResult(values[i], type->kinds[type->num_params + i]);
  return 0;
}

extern "C" int wm_invoke_main(wm_instance *instance, const char *name, int argc,
                              char **argv) {
  char buffer[512];
  wm_external external;
  uint64_t name_size = __builtin_strlen(name);
  if (!wm_instance_export(instance, name, &external) ||
      external.kind != WM_FUNCTION || !external.function) {
    Message(buffer).text("no exported function ").name(name, name_size);
    printLine(buffer);
    return 2;
  }
  const wm_type *type = typeOf(external.function);
  if (static_cast<uint32_t>(argc) != type->num_params) {
    Message(buffer)
        .name(name, name_size)
        .text(" takes ")
        .number(type->num_params)
        .text(" arguments, found ")
        .number(static_cast<uint64_t>(argc));
    printLine(buffer);
    return 2;
  }
  uint64_t count = type->num_params > type->num_results ? type->num_params
                                                        : type->num_results;
  uint64_t page = port_page_size();
  uint64_t size = (count * sizeof(wm_value) + page) / page * page;
  wm_value *values = static_cast<wm_value *>(port_reserve(size));
  if (!values || !port_commit(values, size)) {
    printLine("out of memory");
    return 1;
  }
  return callWithText(external.function, name, argv, values);
}
