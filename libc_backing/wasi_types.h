// The layouts and numbers of WASI preview 1. Little endian, as the guest.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
#pragma once

#include "runtime/port_files.h"

namespace wasi {

using Errno = int32_t;

/// Numbers of errno; the others come from the port as they are.
enum : Errno { Success = 0 };

enum Right : uint64_t {
  RightFdDatasync = 1ull << 0,
  RightFdRead = 1ull << 1,
  RightFdSeek = 1ull << 2,
  RightFdFdstatSetFlags = 1ull << 3,
  RightFdSync = 1ull << 4,
  RightFdTell = 1ull << 5,
  RightFdWrite = 1ull << 6,
  RightFdAdvise = 1ull << 7,
  RightFdAllocate = 1ull << 8,
  RightPathCreateDirectory = 1ull << 9,
  RightPathCreateFile = 1ull << 10,
  RightPathLinkSource = 1ull << 11,
  RightPathLinkTarget = 1ull << 12,
  RightPathOpen = 1ull << 13,
  RightFdReaddir = 1ull << 14,
  RightPathReadlink = 1ull << 15,
  RightPathRenameSource = 1ull << 16,
  RightPathRenameTarget = 1ull << 17,
  RightPathFilestatGet = 1ull << 18,
  RightPathFilestatSetSize = 1ull << 19,
  RightPathFilestatSetTimes = 1ull << 20,
  RightFdFilestatGet = 1ull << 21,
  RightFdFilestatSetSize = 1ull << 22,
  RightFdFilestatSetTimes = 1ull << 23,
  RightPathSymlink = 1ull << 24,
  RightPathRemoveDirectory = 1ull << 25,
  RightPathUnlinkFile = 1ull << 26,
  RightPollFdReadwrite = 1ull << 27,
  RightSockShutdown = 1ull << 28,
  RightSockAccept = 1ull << 29,

  // What each type of file can have.
  RightsAnyFile = RightFdRead | RightFdWrite | RightFdFdstatSetFlags |
                  RightFdSync | RightFdDatasync | RightFdFilestatGet |
                  RightFdFilestatSetTimes | RightPollFdReadwrite,
  RightsRegularFile = RightsAnyFile | RightFdSeek | RightFdTell |
                      RightFdAdvise | RightFdAllocate | RightFdFilestatSetSize,
  RightsSocket = RightsAnyFile | RightSockShutdown | RightSockAccept,
  RightsDirectory =
      RightFdFdstatSetFlags | RightFdSync | RightFdDatasync | RightFdAdvise |
      RightPathCreateDirectory | RightPathCreateFile | RightPathLinkSource |
      RightPathLinkTarget | RightPathOpen | RightFdReaddir | RightPathReadlink |
      RightPathRenameSource | RightPathRenameTarget | RightPathFilestatGet |
      RightPathFilestatSetSize | RightPathFilestatSetTimes |
      RightFdFilestatGet | RightFdFilestatSetTimes | RightPathSymlink |
      RightPathRemoveDirectory | RightPathUnlinkFile | RightPollFdReadwrite,
  RightsAll = RightsRegularFile | RightsSocket | RightsDirectory,
};

enum LookupFlags : uint32_t { LookupSymlinkFollow = 1 << 0 };

enum OpenFlags : uint16_t {
  OpenCreate = 1 << 0,
  OpenDirectory = 1 << 1,
  OpenExclusive = 1 << 2,
  OpenTruncate = 1 << 3,
  OpenAll = (1 << 4) - 1,
};

/// fdflags: append, dsync, nonblock, rsync, sync; port_open_flags has them.
enum : uint16_t { FdFlagsAll = (1 << 5) - 1 };

enum FstFlags : uint16_t {
  FstAtim = 1 << 0,
  FstAtimNow = 1 << 1,
  FstMtim = 1 << 2,
  FstMtimNow = 1 << 3,
  FstAll = (1 << 4) - 1,
};

enum EventType : uint8_t { EventClock, EventFdRead, EventFdWrite };
enum : uint16_t { EventHangup = 1 << 0 };
enum : uint16_t { ClockAbstime = 1 << 0 };
enum : uint16_t { ReceivePeek = 1 << 0, ReceiveWaitall = 1 << 1 };
enum : uint16_t { ReceivedTruncated = 1 << 0 };
enum : uint8_t { ShutdownRead = 1 << 0, ShutdownWrite = 1 << 1 };

struct Iovec {
  uint32_t buffer;
  uint32_t size;
};

struct Dirent {
  uint64_t next;
  uint64_t inode;
  uint32_t nameSize;
  uint8_t type;
  uint8_t padding[3];
};

struct Fdstat {
  uint8_t type;
  uint8_t padding1;
  uint16_t flags;
  uint32_t padding2;
  uint64_t rightsBase;
  uint64_t rightsInheriting;
};

struct Filestat {
  uint64_t device;
  uint64_t inode;
  uint8_t type;
  uint8_t padding[7];
  uint64_t links;
  uint64_t size;
  uint64_t accessed;
  uint64_t modified;
  uint64_t changed;
};

struct Prestat {
  uint8_t tag; // 0: a directory
  uint8_t padding[3];
  uint32_t nameSize;
};

struct Subscription {
  uint64_t userdata;
  uint8_t tag; // EventType
  uint8_t padding1[7];
  union {
    struct {
      uint32_t id;
      uint32_t padding2;
      uint64_t timeout;
      uint64_t precision;
      uint16_t flags;
      uint16_t padding3[3];
    } clock;
    uint32_t fd;
  };
};

struct Event {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint8_t padding1[5];
  uint64_t bytes;
  uint16_t flags;
  uint16_t padding2[3];
};

static_assert(sizeof(Iovec) == 8 && sizeof(Dirent) == 24 &&
              sizeof(Fdstat) == 24 && sizeof(Filestat) == 64 &&
              sizeof(Prestat) == 8 && sizeof(Subscription) == 48 &&
              sizeof(Event) == 32);

} // namespace wasi
