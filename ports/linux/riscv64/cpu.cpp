// What this processor has, of what compiled code may need. Only the kernel can
// tell, since 6.4: before, a processor counts as RV64GC.
// https://docs.kernel.org/arch/riscv/hwprobe.html
#include "ports/linux/syscall.h"
#include "runtime/port.h"

namespace {

struct Row {
  unsigned bit;
  const char *name;
};

constexpr Row Rows[] = {
#define FEATURE(name, bit) {bit, name},
#include "runtime/cpu_features/riscv64.def"
};
static_assert(sizeof(Rows) / sizeof(Row) < 63);

/// Beside the features: that they have been asked for.
constexpr uint64_t IsKnown = 1ull << 63;
uint64_t Known;

/// What all processors of the machine have.
uint64_t extensions() {
  constexpr long Probe = 258, Extensions0 = 4; // younger than some headers
  struct {
    int64_t key;
    uint64_t value;
  } pair = {Extensions0, 0};
  long error = linuxCall(Probe, &pair, 1, 0, nullptr, 0);
  return error || pair.key != Extensions0 ? 0 : pair.value;
}

} // namespace

extern "C" {

uint64_t port_cpu_features() {
  uint64_t features = __atomic_load_n(&Known, __ATOMIC_RELAXED);
  if (features)
    return features;
  uint64_t found = extensions();
  for (unsigned i = 0; i < sizeof(Rows) / sizeof(Row); ++i)
    features |= (found >> Rows[i].bit & 1) << i;
  features |= IsKnown;
  __atomic_store_n(&Known, features, __ATOMIC_RELAXED);
  return features;
}

const char *port_cpu_feature_name(unsigned index) { return Rows[index].name; }

uint64_t port_page_size() { return 4096; }
}
