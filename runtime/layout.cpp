// What compiled code knows of the structures is what they are.
#include "runtime/layout.h"

#define ABI_EQUAL(found, size64, size32)                                       \
  static_assert((found) == (sizeof(void *) == 8 ? (size64) : (size32)))
#define ABI_OFFSET(name, type, field, size64, size32)                          \
  ABI_EQUAL(offsetof(type, field), size64, size32);
#define ABI_SIZE(name, type, size64, size32)                                   \
  ABI_EQUAL(sizeof(type), size64, size32);
#include "runtime/layout.def"

static_assert(sizeof(wm_value) == 16);
static_assert(sizeof(wm_element_state) == 1);
