// The descriptors of one instance, or of all threads of a program: what they
// may reach of the host, and what they may do with each. The guest's numbers
// are indices here, never the host's.
//
// A call uses an entry from its beginning to its end: what another thread
// closes meanwhile is closed when the last such call ends, so that the host's
// number cannot come to mean another file in between.
#pragma once

#include "libc_backing/wasi_types.h"
#include "runtime/lock.h"

namespace wasi {

struct FdEntry {
  uint64_t rights;
  uint64_t inheriting; // limit of the rights of what is opened beneath
  const char *preopen; // the guest's name of a preopened directory, or null
  int32_t host;        // the port's descriptor
  uint32_t uses;       // calls that are in it: a closed one is free without
  uint8_t type;        // port_file_type
  bool isOpen;
  bool isOwned; // closed with the entry; the host's streams are not
};

class FdTable {
public:
  enum : uint32_t { Maximum = 1 << 16 };

  /// `room` is reserved address space for `limit` entries, page-aligned.
  void init(FdEntry *room, uint32_t limit = Maximum) {
    Entries = room;
    Limit = limit;
  }

  /// Copies the open entry `fd` and keeps it until `release`; its slot, or
  /// null.
  FdEntry *use(int32_t fd, FdEntry &copy);
  void release(FdEntry *slot);

  /// Takes the lowest free number; a negated errno when there is none.
  int32_t add(const FdEntry &entry);
  // An errno each.
  Errno close(int32_t fd);
  /// Gives `from`'s entry the number of `to`, which is closed. Refused while
  /// another call uses one of them.
  Errno renumber(int32_t from, int32_t to);
  /// Takes rights away.
  Errno restrict(int32_t fd, uint64_t rights, uint64_t inheriting);
  void closeAll();

private:
  FdEntry *find(int32_t fd) {
    uint32_t index = (uint32_t)fd;
    return index < Size && Entries[index].isOpen ? &Entries[index] : nullptr;
  }
  bool isFree(uint32_t index) const {
    return !Entries[index].isOpen && !Entries[index].uses;
  }
  void noteFree(const FdEntry *slot);

  FdEntry *Entries = nullptr;
  uint32_t Limit = 0;
  uint32_t Size = 0;      // entries that were ever in use
  uint32_t Committed = 0; // entries that memory stands behind
  uint32_t LowestFree = 0;
  uint8_t Word = 0; // of the lock
};

/// An open descriptor for the time of a call.
class FdUse {
public:
  FdUse(FdTable &table, int32_t fd)
      : Table(table), Slot(table.use(fd, Entry)) {}
  ~FdUse() {
    if (Slot)
      Table.release(Slot);
  }
  FdUse(const FdUse &) = delete;
  FdUse &operator=(const FdUse &) = delete;

  explicit operator bool() const { return Slot; }
  const FdEntry &operator*() const { return Entry; }
  const FdEntry *operator->() const { return &Entry; }

private:
  FdTable &Table;
  FdEntry Entry;
  FdEntry *Slot;
};

} // namespace wasi
