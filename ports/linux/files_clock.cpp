// Clocks. They are read in user space where the kernel offers that: its vDSO,
// a shared object that it maps into each process. A libc would know where;
// here the auxiliary vector says it, as the kernel keeps it.
// https://www.kernel.org/doc/html/latest/ABI/stable/vdso.html
#include "ports/linux/files.h"

#include <asm/errno.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>

using namespace linux_files;

using ClockFunction = int (*)(int clock, __kernel_timespec *time);

namespace {
enum : long { GnuHash = 0x6ffffef5, PrGetAuxv = 0x41555856 };

/// The parts of the vDSO's dynamic section that a search needs.
class Vdso {
public:
  bool open(const char *image);
  /// The address of a function, or null.
  const char *find(const char *name) const;

private:
  const char *Base = nullptr; // what addresses in the image are relative to
  const Elf64_Sym *Symbols = nullptr;
  const char *Names = nullptr;
  const uint32_t *Hash = nullptr;
};
} // namespace

bool Vdso::open(const char *image) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
  const Elf64_Phdr *segments = (const Elf64_Phdr *)(image + header->e_phoff);
  const Elf64_Dyn *dynamic = nullptr;
  for (int i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr &segment = segments[i];
    if (segment.p_type == PT_LOAD && !Base)
      Base = image + segment.p_offset - segment.p_vaddr;
    if (segment.p_type == PT_DYNAMIC)
      dynamic = (const Elf64_Dyn *)(image + segment.p_offset);
  }
  if (!Base || !dynamic)
    return false;
  for (; dynamic->d_tag != DT_NULL; ++dynamic) {
    const char *at = Base + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SYMTAB)
      Symbols = (const Elf64_Sym *)at;
    if (dynamic->d_tag == DT_STRTAB)
      Names = at;
    if (dynamic->d_tag == GnuHash)
      Hash = (const uint32_t *)at;
  }
  return Symbols && Names && Hash;
}

static bool equal(const char *a, const char *b) {
  while (*a && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

const char *Vdso::find(const char *name) const {
  uint32_t hash = 5381;
  for (const char *at = name; *at; ++at)
    hash = hash * 33 + (unsigned char)*at;
  // Number of buckets, first symbol with a hash, words of the Bloom filter (64
  // bits each) and a shift; filter, buckets and hashes follow. The last hash
  // of a bucket is odd.
  uint32_t buckets = Hash[0], first = Hash[1], words = Hash[2];
  const uint32_t *bucket = Hash + 4 + 2 * words;
  const uint32_t *hashes = bucket + buckets;
  if (buckets == 0)
    return nullptr;
  uint32_t index = bucket[hash % buckets];
  if (index < first)
    return nullptr;
  for (;; ++index) {
    uint32_t other = hashes[index - first];
    const Elf64_Sym &symbol = Symbols[index];
    if ((other | 1) == (hash | 1) && symbol.st_shndx != 0 &&
        equal(Names + symbol.st_name, name))
      return Base + symbol.st_value;
    if (other & 1)
      return nullptr;
  }
}

/// Where the kernel mapped the vDSO; null when it cannot be told.
static const char *findImage() {
  unsigned long vector[128];
  long size = linuxCall(__NR_prctl, PrGetAuxv, vector, sizeof vector, 0, 0);
  if (size < 0) { // before Linux 6.4
    long fd = linuxCall(__NR_openat, AT_FDCWD, "/proc/self/auxv",
                        O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      return nullptr;
    size = linuxCall(__NR_read, fd, vector, sizeof vector);
    linuxCall(__NR_close, fd);
  }
  if (size > (long)sizeof vector)
    size = sizeof vector;
  for (long i = 0; (i + 2) * (long)sizeof vector[0] <= size; i += 2)
    if (vector[i] == AT_SYSINFO_EHDR)
      return (const char *)vector[i + 1];
  return nullptr;
}

static int callKernel(int clock, __kernel_timespec *time) {
  return (int)linuxCall(__NR_clock_gettime, clock, time);
}

static ClockFunction findClock() {
  const char *image = findImage();
  Vdso vdso;
  if (!image || !vdso.open(image))
    return callKernel;
  static const char *const names[] = {"__vdso_clock_gettime",
                                      "__kernel_clock_gettime"};
  for (const char *name : names)
    if (const char *found = vdso.find(name))
      return (ClockFunction)found;
  return callKernel;
}

// Found at the first use; every thread finds the same.
static ClockFunction Clock;

static int nanoseconds(long error, const __kernel_timespec &time,
                       uint64_t *result) {
  if (error)
    return (int)portResult(error);
  *result = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
  return 0;
}

// The clocks have Linux's numbers.
int port_clock_time(port_clock clock, uint64_t *result) {
  ClockFunction function = __atomic_load_n(&Clock, __ATOMIC_RELAXED);
  if (!function) {
    function = findClock();
    __atomic_store_n(&Clock, function, __ATOMIC_RELAXED);
  }
  __kernel_timespec time;
  long error = function(clock, &time);
  return nanoseconds(error, time, result);
}

int port_clock_resolution(port_clock clock, uint64_t *result) {
  __kernel_timespec time;
  long error = linuxCall(__NR_clock_getres, (int)clock, &time);
  return nanoseconds(error, time, result);
}
