// Memory from the kernel. Reservations take address space alone; nothing is
// accounted before it is touched.
#include "ports/linux/syscall.h"
#include "runtime/port.h"

#include <linux/mman.h>

static void *map(uint64_t size, long protection, long flags) {
  long result =
      linuxCall(__NR_mmap, nullptr, size, protection,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  return result < 0 ? nullptr : reinterpret_cast<void *>(result);
}

extern "C" {

void *port_reserve(uint64_t size) { return map(size, PROT_NONE, 0); }

bool port_commit(void *address, uint64_t size) {
  return linuxCall(__NR_mprotect, address, size, PROT_READ | PROT_WRITE) == 0;
}

void port_decommit(void *address, uint64_t size) {
  if (linuxCall(__NR_madvise, address, size, MADV_DONTNEED) == 0)
    return;
  __builtin_memset(address, 0, size); // locked pages
}

void port_release(void *address, uint64_t size) {
  linuxCall(__NR_munmap, address, size);
}

bool port_protect(void *address, uint64_t size) {
  return linuxCall(__NR_mprotect, address, size, PROT_NONE) == 0;
}

uint8_t *port_map_stack(uint64_t size, uint64_t guard) {
  uint8_t *start =
      static_cast<uint8_t *>(map(guard + size, PROT_NONE, MAP_STACK));
  if (!start)
    return nullptr;
  if (!port_commit(start + guard, size)) {
    port_release(start, guard + size);
    return nullptr;
  }
  // The first touch of a stack must not cost the zeroing of a huge page.
  linuxCall(__NR_madvise, start + guard, size, MADV_NOHUGEPAGE);
  return start + guard;
}

void port_message(const char *text, uint64_t size) {
  while (size) {
    long written = linuxCall(__NR_write, 2, text, size);
    if (written == -4) // interrupted
      continue;
    if (written <= 0)
      return;
    text += written;
    size -= static_cast<uint64_t>(written);
  }
}
}
