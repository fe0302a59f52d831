// What a C++ library for WebAssembly has to supply for exceptions, as the one
// of the system is built without them: enough for the program beside it, with
// one thread and single inheritance.
// https://itanium-cxx-abi.github.io/cxx-abi/abi-eh.html
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <typeinfo>

// The tag of all exceptions of C++: it carries the object.
__asm__(".globl __cpp_exception\n"
        ".tagtype __cpp_exception i32\n"
        "__cpp_exception:\n");

namespace {

struct Header {
  const std::type_info *type;
  void *(*destroy)(void *); // destructors return their object
  Header *next; // caught before
  int handlers;
  bool is_rethrown;
};

/// libc++abi's layout of a class with one base, and the beginning of others.
struct Class {
  const void *table;
  const char *name;
  const std::type_info *base;
};

Header *caught;

Header *headerOf(void *object) { return static_cast<Header *>(object) - 1; }

/// Reads what the compiler wrote of a function's handlers.
struct Table {
  const uint8_t *at;
  uintptr_t number() {
    uintptr_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      uint8_t byte = *at++;
      value |= uintptr_t(byte & 127) << shift;
      if (byte < 128)
        return value;
    }
  }
  intptr_t signedNumber() {
    intptr_t value = 0;
    for (unsigned shift = 0;;) {
      uint8_t byte = *at++;
      value |= intptr_t(byte & 127) << shift;
      shift += 7;
      if (byte < 128)
        return byte & 64 && shift < 32 ? value | -(intptr_t(1) << shift)
                                       : value;
    }
  }
};

} // namespace

extern "C" {

extern const void *const ofSingleBase[] __asm__(
    "_ZTVN10__cxxabiv120__si_class_type_infoE");
extern const void *const ofPointer[] __asm__(
    "_ZTVN10__cxxabiv119__pointer_type_infoE");

/// What a landing pad leaves for the personality, and it for the pad.
struct {
  uintptr_t pad;
  const uint8_t *table;
  uintptr_t selector;
} __wasm_lpad_context;

static bool matches(const std::type_info *thrown,
                    const std::type_info *handler) {
  for (;;) {
    if (*thrown == *handler)
      return true;
    const Class *base = reinterpret_cast<const Class *>(thrown);
    if (base->table != ofSingleBase + 2)
      return false;
    thrown = base->base;
  }
}

int _Unwind_CallPersonality(void *object) {
  __wasm_lpad_context.selector = 0;
  Table table = {__wasm_lpad_context.table};
  if (!table.at)
    return 0;
  if (*table.at++ != 0xff)
    abort();
  uint8_t encoding = *table.at++;
  const uint8_t *types = nullptr;
  if (encoding != 0xff) {
    uintptr_t offset = table.number();
    types = table.at + offset;
  }
  ++table.at; // of the call sites
  uintptr_t size = table.number();
  const uint8_t *actions = table.at + size;
  uintptr_t action = 0;
  for (uintptr_t i = 0; i <= __wasm_lpad_context.pad; ++i) {
    table.number();
    action = table.number();
  }
  if (!action)
    return 0;
  for (Table row = {actions + action - 1};;) {
    intptr_t selector = row.signedNumber();
    Table next = row;
    intptr_t step = next.signedNumber();
    if (selector > 0) {
      const std::type_info *handler =
          reinterpret_cast<const std::type_info *const *>(types)[-selector];
      if (!handler || matches(headerOf(object)->type, handler)) {
        __wasm_lpad_context.selector = static_cast<uintptr_t>(selector);
        return 0;
      }
    }
    if (!step)
      return 0;
    row.at += step;
  }
}

int __gxx_wasm_personality_v0() { abort(); }

void *__cxa_allocate_exception(size_t size) noexcept {
  Header *header = static_cast<Header *>(malloc(sizeof(Header) + size));
  if (!header)
    abort();
  return header + 1;
}

void __cxa_free_exception(void *object) noexcept { free(headerOf(object)); }

[[noreturn]] void __cxa_throw(void *object, std::type_info *type,
                              void *(*destroy)(void *)) {
  *headerOf(object) = {type, destroy, nullptr, 0, false};
  __builtin_wasm_throw(0, object);
}

void *__cxa_get_exception_ptr(void *object) noexcept { return object; }

void *__cxa_begin_catch(void *object) noexcept {
  Header *header = headerOf(object);
  header->is_rethrown = false;
  if (header != caught) {
    header->next = caught;
    caught = header;
  }
  ++header->handlers;
  // Handlers get pointers by value.
  const Class *type = reinterpret_cast<const Class *>(header->type);
  return type->table == ofPointer + 2 ? *static_cast<void **>(object) : object;
}

void __cxa_end_catch() {
  Header *header = caught;
  if (--header->handlers)
    return;
  caught = header->next;
  if (header->is_rethrown)
    return;
  if (header->destroy)
    header->destroy(header + 1);
  free(header);
}

[[noreturn]] void __cxa_rethrow() {
  if (!caught)
    abort();
  caught->is_rethrown = true;
  __builtin_wasm_throw(0, caught + 1);
}
}
