// What this processor has, of what compiled code may need. The registers that
// tell are the system's: Linux answers in their place since 4.11, and leaves
// out what it does not let programs use.
// https://docs.kernel.org/arch/arm64/cpu-feature-registers.html
#include "runtime/port.h"

namespace {

enum Register {
  ID_AA64ISAR0_EL1,
  ID_AA64ISAR1_EL1,
  ID_AA64ISAR2_EL1,
  ID_AA64PFR0_EL1,
  ID_AA64ZFR0_EL1,
  ID_AA64MMFR2_EL1,
};

struct Row {
  Register from;
  unsigned bit;
  int64_t least;
  const char *name;
};

constexpr Row Rows[] = {
#define FEATURE(name, register, bit, least) {register, bit, least, name},
#include "runtime/cpu_features/aarch64.def"
};
static_assert(sizeof(Rows) / sizeof(Row) < 63);

/// Beside the features: that they have been asked for.
constexpr uint64_t IsKnown = 1ull << 63;
uint64_t Known;

/// Names that the assembler knows in its oldest version too.
uint64_t read(Register from) {
  uint64_t value = 0;
  switch (from) {
  case ID_AA64ISAR0_EL1:
    __asm__("mrs %0, S3_0_C0_C6_0" : "=r"(value));
    break;
  case ID_AA64ISAR1_EL1:
    __asm__("mrs %0, S3_0_C0_C6_1" : "=r"(value));
    break;
  case ID_AA64ISAR2_EL1:
    __asm__("mrs %0, S3_0_C0_C6_2" : "=r"(value));
    break;
  case ID_AA64PFR0_EL1:
    __asm__("mrs %0, S3_0_C0_C4_0" : "=r"(value));
    break;
  case ID_AA64ZFR0_EL1:
    __asm__("mrs %0, S3_0_C0_C4_4" : "=r"(value));
    break;
  case ID_AA64MMFR2_EL1:
    __asm__("mrs %0, S3_0_C0_C7_2" : "=r"(value));
    break;
  }
  return value;
}

bool has(const Row &row) {
  constexpr unsigned Width = 4, Top = 64 - Width;
  uint64_t field = read(row.from) >> row.bit << Top;
  return static_cast<int64_t>(field) >> Top >= row.least;
}

} // namespace

extern "C" {

uint64_t port_cpu_features() {
  // Each register is an exception that the kernel handles.
  uint64_t features = __atomic_load_n(&Known, __ATOMIC_RELAXED);
  if (features)
    return features;
  for (unsigned i = 0; i < sizeof(Rows) / sizeof(Row); ++i)
    if (has(Rows[i]))
      features |= 1ull << i;
  features |= IsKnown;
  __atomic_store_n(&Known, features, __ATOMIC_RELAXED);
  return features;
}

const char *port_cpu_feature_name(unsigned index) { return Rows[index].name; }

// Kernels have pages of 4, 16 or 64 KiB: what suits the last suits all.
uint64_t port_page_size() { return 64 << 10; }
}
