// Descriptors are kept in a reservation that is committed as it fills, so that
// an entry never moves and small programs take one page.
#include "libc_backing/fd_table.h"

#include "runtime/port.h"

namespace wasi {

int32_t FdTable::add(const FdEntry &entry) {
  uint32_t index = LowestFree;
  while (index < Size && Entries[index].isOpen)
    ++index;
  if (index == Maximum)
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
    Committed = committed < Maximum ? (uint32_t)committed : (uint32_t)Maximum;
  }
  if (index == Size)
    ++Size;
  Entries[index] = entry;
  Entries[index].isOpen = true;
  LowestFree = index + 1;
  return (int32_t)index;
}

void FdTable::close(int32_t fd) {
  FdEntry &entry = Entries[(uint32_t)fd];
  if (entry.isOwned)
    port_close(entry.host);
  entry.isOpen = false;
  if ((uint32_t)fd < LowestFree)
    LowestFree = (uint32_t)fd;
}

void FdTable::renumber(int32_t from, int32_t to) {
  if (from == to)
    return;
  FdEntry moved = Entries[(uint32_t)from];
  Entries[(uint32_t)from].isOwned = false;
  close(from);
  close(to);
  Entries[(uint32_t)to] = moved;
  LowestFree = (uint32_t)from < LowestFree ? (uint32_t)from : LowestFree;
}

void FdTable::closeAll() {
  for (uint32_t i = 0; i < Size; ++i)
    if (Entries[i].isOpen)
      close((int32_t)i);
}

} // namespace wasi
