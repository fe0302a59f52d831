// The descriptors of one instance: what it may reach of the host, and what it
// may do with each. The guest's numbers are indices here, never the host's.
#pragma once

#include "libc_backing/wasi_types.h"

namespace wasi {

struct FdEntry {
  uint64_t rights;
  uint64_t inheriting; // limit of the rights of what is opened beneath
  const char *preopen; // the guest's name of a preopened directory, or null
  int32_t host;        // the port's descriptor
  uint8_t type;        // port_file_type
  bool isOpen;
  bool isOwned; // closed with the entry; the host's streams are not
};

class FdTable {
public:
  enum : uint32_t { Maximum = 1 << 16 };

  /// `room` is reserved address space for Maximum entries, page-aligned.
  void init(FdEntry *room) { Entries = room; }

  /// The open entry `fd`, or null.
  FdEntry *find(int32_t fd) {
    uint32_t index = (uint32_t)fd;
    return index < Size && Entries[index].isOpen ? &Entries[index] : nullptr;
  }

  /// Takes the lowest free number; a negated errno when there is none.
  int32_t add(const FdEntry &entry);
  void close(int32_t fd);
  /// Gives `from`'s entry the number of `to`, which is closed.
  void renumber(int32_t from, int32_t to);
  void closeAll();

private:
  FdEntry *Entries = nullptr;
  uint32_t Size = 0;      // entries that were ever in use
  uint32_t Committed = 0; // entries that memory stands behind
  uint32_t LowestFree = 0;
};

} // namespace wasi
