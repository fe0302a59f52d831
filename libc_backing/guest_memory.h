// The only place where a guest's address becomes a pointer of the host. Every
// range is compared with the memory's size, whatever the memory strategy: host
// functions are not under its protection. The sandbox rests on this file.
#pragma once

#include "runtime/layout.h"

/// Memory 0 of an instance, as its host functions see it: as far as addresses
/// of 32 bits reach, so that those within a range do not wrap, however large a
/// 64-bit memory is. Memories neither move nor shrink, so a range once found
/// stays good.
class GuestMemory {
public:
  explicit GuestMemory(wm_instance *instance) {
    if (instance->module->num_memories == 0)
      return;
    const wm_memory *memory = memoryAt(instance, 0);
    Base = memory->base;
    Size = __atomic_load_n(&memory->size, __ATOMIC_ACQUIRE);
    if (Size > uint64_t(1) << 32)
      Size = uint64_t(1) << 32;
  }

  /// The host's address of [address, address + size); false when it is not
  /// all within the memory.
  bool range(uint32_t address, uint64_t size, uint8_t *&out) const {
    if (size > Size || address > Size - size)
      return false;
    out = Base + address;
    return true;
  }

  /// Reads a value once: another thread may write to the memory meanwhile.
  template <typename T> bool load(uint32_t address, T &out) const {
    uint8_t *from;
    if (!range(address, sizeof(T), from))
      return false;
    __builtin_memcpy(&out, from, sizeof(T));
    // What was read is used, not what a second look might find.
    __asm__ volatile("" : : : "memory");
    return true;
  }

  template <typename T> bool store(uint32_t address, const T &value) const {
    uint8_t *to;
    if (!range(address, sizeof(T), to))
      return false;
    __builtin_memcpy(to, &value, sizeof(T));
    return true;
  }

private:
  uint8_t *Base = nullptr;
  uint64_t Size = 0;
};

/// A place for one result, found before the work is done, so that a bad
/// address has no effect but the error.
template <typename T> class GuestResult {
public:
  bool find(const GuestMemory &memory, int32_t address) {
    return memory.range((uint32_t)address, sizeof(T), Place);
  }
  void set(const T &value) { __builtin_memcpy(Place, &value, sizeof(T)); }

private:
  uint8_t *Place;
};
