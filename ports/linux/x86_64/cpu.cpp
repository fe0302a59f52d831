// What this processor has, of what compiled code may need.
#include "ports/linux/x86_64/cpuid.h"
#include "runtime/port.h"

namespace {

struct Row {
  uint32_t leaf;
  uint32_t subleaf;
  Register from;
  unsigned bit;
  const char *name;
};

constexpr Row Rows[] = {
#define FEATURE(name, leaf, subleaf, from, bit)                                \
  {leaf, subleaf, from, bit, name},
#include "runtime/cpu_features/x86_64.def"
};
static_assert(sizeof(Rows) / sizeof(Row) < 63);

/// Beside the features: that they have been asked for.
constexpr uint64_t IsKnown = 1ull << 63;
uint64_t Known;

bool startsWith(const char *name, const char *prefix) {
  while (*prefix)
    if (*name++ != *prefix++)
      return false;
  return true;
}

/// What the system has to save before instructions may be used.
uint64_t neededRegisters(const char *name) {
  if (startsWith(name, "avx512"))
    return SavedZmm;
  bool isVector = startsWith(name, "avx") || startsWith(name, "fma") ||
                  startsWith(name, "f16c") || startsWith(name, "vaes") ||
                  startsWith(name, "vpclmulqdq");
  return isVector ? SavedYmm : 0;
}

bool has(const Row &row, uint64_t saved) {
  uint32_t found[4];
  cpuid(row.leaf & 0x80000000, 0, found);
  if (found[EAX] < row.leaf)
    return false;
  cpuid(row.leaf, row.subleaf, found);
  uint64_t needed = neededRegisters(row.name);
  return found[row.from] >> row.bit & 1 && (saved & needed) == needed;
}

} // namespace

extern "C" {

uint64_t port_cpu_features() {
  // Hypervisors make cpuid slow.
  uint64_t features = __atomic_load_n(&Known, __ATOMIC_RELAXED);
  if (features)
    return features;
  uint64_t saved = savedRegisters();
  for (unsigned i = 0; i < sizeof(Rows) / sizeof(Row); ++i)
    if (has(Rows[i], saved))
      features |= 1ull << i;
  features |= IsKnown;
  __atomic_store_n(&Known, features, __ATOMIC_RELAXED);
  return features;
}

const char *port_cpu_feature_name(unsigned index) { return Rows[index].name; }

uint64_t port_page_size() { return 4096; }
}
