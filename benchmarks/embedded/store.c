// A log-structured store of small files in RAM: records are appended, the last
// one of a name counts, and what is outdated is copied away when the log is
// full.
#include "bench.h"

typedef struct {
  uint16_t name, size; // bytes behind the header; 0: the file is removed
  uint32_t checksum;
} Header;

enum { LogSize = 4096, Names = 24 };
static uint8_t logs[2][LogSize];
static uint8_t *current;
static uint32_t used;
static uint16_t places[Names]; // offset of the last record and one, or 0

static void copy(uint8_t *to, const uint8_t *from, uint32_t size) {
  for (uint32_t i = 0; i < size; ++i)
    to[i] = from[i];
}

static uint32_t checksum(const uint8_t *bytes, uint32_t size) {
  uint32_t sum = 2166136261u;
  for (uint32_t i = 0; i < size; ++i)
    sum = mix(sum, bytes[i]);
  return sum;
}

static uint32_t recordSize(uint32_t size) {
  return ((uint32_t)sizeof(Header) + size + 3) & ~3u;
}

static void compact(void) {
  uint8_t *fresh = current == logs[0] ? logs[1] : logs[0];
  uint32_t at = 0;
  for (int name = 0; name < Names; ++name) {
    if (!places[name])
      continue;
    const Header *header = (const Header *)(current + places[name] - 1);
    uint32_t size = recordSize(header->size);
    copy(fresh + at, (const uint8_t *)header, size);
    places[name] = (uint16_t)(at + 1);
    at += size;
  }
  current = fresh;
  used = at;
}

static int append(uint16_t name, const uint8_t *bytes, uint32_t size) {
  if (used + recordSize(size) > LogSize)
    compact();
  if (used + recordSize(size) > LogSize)
    return 0;
  Header *header = (Header *)(current + used);
  header->name = name;
  header->size = (uint16_t)size;
  header->checksum = checksum(bytes, size);
  copy((uint8_t *)(header + 1), bytes, size);
  places[name] = size ? (uint16_t)(used + 1) : 0;
  used += recordSize(size);
  return 1;
}

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  uint8_t bytes[200];
  current = logs[0];
  used = 0;
  for (int step = 0; step < 400; ++step) {
    uint16_t name = (uint16_t)(nextRandom(&seed) % Names);
    if (step & 1 && places[name]) {
      const Header *header = (const Header *)(current + places[name] - 1);
      uint32_t sum = checksum((const uint8_t *)(header + 1), header->size);
      hash = mix(hash, sum == header->checksum ? sum : 0);
      continue;
    }
    uint32_t size = nextRandom(&seed) % sizeof bytes;
    for (uint32_t i = 0; i < size; ++i)
      bytes[i] = (uint8_t)(nextRandom(&seed) >> 3);
    hash = mix(hash, (uint32_t)append(name, bytes, size));
  }
  return mix(hash, used);
}
