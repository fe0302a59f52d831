// Descriptors are kept in a reservation that is committed as it fills, so that
// an entry never moves and small programs take one page.
#include "libc_backing/fd_table.h"

#include "runtime/port.h"

namespace wasi {

FdEntry *FdTable::use(int32_t fd, FdEntry &copy) {
  Lock lock(Word);
  FdEntry *slot = find(fd);
  if (!slot)
    return nullptr;
  ++slot->uses;
  copy = *slot;
  return slot;
}

void FdTable::release(FdEntry *slot) {
  int32_t closing = -1;
  {
    Lock lock(Word);
    if (--slot->uses || slot->isOpen)
      return;
    if (slot->isOwned)
      closing = slot->host;
    noteFree(slot);
  }
  if (closing >= 0)
    port_close(closing);
}

void FdTable::noteFree(const FdEntry *slot) {
  uint32_t index = (uint32_t)(slot - Entries);
  if (index < LowestFree)
    LowestFree = index;
}

int32_t FdTable::add(const FdEntry &entry) {
  Lock lock(Word);
  uint32_t index = LowestFree;
  while (index < Size && !isFree(index))
    ++index;
  if (index == Limit)
    return -PORT_EMFILE;
  if (index == Committed) {
    // Pages need not hold whole entries: commit up to the page's end.
    uint64_t page = port_page_size();
    uint64_t start = (uint64_t)Committed * sizeof(FdEntry) / page * page;
    uint64_t end =
        ((uint64_t)(Committed + 1) * sizeof(FdEntry) + page - 1) / page * page;
    if (!port_commit((char *)Entries + start, end - start))
      return -PORT_ENOMEM;
    uint64_t committed = end / sizeof(FdEntry);
    Committed = committed < Limit ? (uint32_t)committed : Limit;
  }
  if (index == Size)
    ++Size;
  Entries[index] = entry;
  Entries[index].isOpen = true;
  LowestFree = index + 1;
  return (int32_t)index;
}

Errno FdTable::close(int32_t fd) {
  int32_t closing = -1;
  {
    Lock lock(Word);
    FdEntry *slot = find(fd);
    if (!slot)
      return PORT_EBADF;
    slot->isOpen = false;
    if (slot->uses) // the last of them closes it
      return Success;
    if (slot->isOwned)
      closing = slot->host;
    noteFree(slot);
  }
  if (closing >= 0)
    port_close(closing);
  return Success;
}

Errno FdTable::renumber(int32_t from, int32_t to) {
  int32_t closing = -1;
  {
    Lock lock(Word);
    FdEntry *source = find(from);
    FdEntry *target = find(to);
    if (!source || !target)
      return PORT_EBADF;
    if (source == target)
      return Success;
    if (source->uses || target->uses)
      return PORT_EBUSY;
    if (target->isOwned)
      closing = target->host;
    *target = *source;
    source->isOpen = false;
    noteFree(source);
  }
  if (closing >= 0)
    port_close(closing);
  return Success;
}

Errno FdTable::restrict(int32_t fd, uint64_t rights, uint64_t inheriting) {
  Lock lock(Word);
  FdEntry *slot = find(fd);
  if (!slot)
    return PORT_EBADF;
  if (rights & ~slot->rights || inheriting & ~slot->inheriting)
    return PORT_ENOTCAPABLE;
  slot->rights = rights;
  slot->inheriting = inheriting;
  return Success;
}

void FdTable::closeAll() {
  for (uint32_t i = 0; i < Size; ++i)
    close((int32_t)i);
}

} // namespace wasi
