// What a port supplies for WASI: files, directories, clocks, random numbers,
// waiting and the end of the process. ports/<name>/ implements it.
//
// Results are counts, descriptors or 0, or a negated port_error. A path is
// relative to a directory's descriptor, ends with a zero byte, and must be
// resolved beneath that directory: one that leads outside, by `..`, by being
// absolute or by a symbolic link, even while others rename, is refused with
// PORT_EPERM. The sandbox rests on that. A path that is not const may be
// written to during the call, and is as before afterwards.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum port_error : int {
#define PORT_ERROR(name, number) PORT_##name = number,
#include "runtime/port_errors.def"
  PORT_ENOTCAPABLE = 76,
};

/// The numbers of WASI's filetype.
enum port_file_type : uint8_t {
  PORT_UNKNOWN,
  PORT_BLOCK_DEVICE,
  PORT_CHARACTER_DEVICE,
  PORT_DIRECTORY,
  PORT_REGULAR_FILE,
  PORT_SOCKET_DGRAM,
  PORT_SOCKET_STREAM,
  PORT_SYMBOLIC_LINK,
};

enum port_open_flags : uint32_t {
  // WASI's fdflags
  PORT_APPEND = 1 << 0,
  PORT_DSYNC = 1 << 1,
  PORT_NONBLOCK = 1 << 2,
  PORT_RSYNC = 1 << 3,
  PORT_SYNC = 1 << 4,
  // how to open
  PORT_READ = 1 << 8,
  PORT_WRITE = 1 << 9,
  PORT_CREATE = 1 << 10,
  PORT_ONLY_DIRECTORY = 1 << 11,
  PORT_EXCLUSIVE = 1 << 12,
  PORT_TRUNCATE = 1 << 13,
  PORT_FOLLOW = 1 << 14, // a symbolic link as the last component
};

/// As the system has it: a port may hand an array of these on.
struct port_iovec {
  void *base;
  size_t size;
};

struct port_stat {
  uint64_t device;
  uint64_t inode;
  uint64_t links;
  uint64_t size;
  uint64_t accessed; // nanoseconds since 1970
  uint64_t modified;
  uint64_t changed;
  uint8_t type; // port_file_type
};

enum port_time_choice : uint8_t {
  PORT_TIME_KEEP,
  PORT_TIME_NOW,
  PORT_TIME_SET
};

struct port_times {
  uint64_t accessed; // with PORT_TIME_SET
  uint64_t modified;
  port_time_choice set_accessed;
  port_time_choice set_modified;
};

enum port_advice : int {
  PORT_ADVICE_NORMAL,
  PORT_ADVICE_SEQUENTIAL,
  PORT_ADVICE_RANDOM,
  PORT_ADVICE_WILLNEED,
  PORT_ADVICE_DONTNEED,
  PORT_ADVICE_NOREUSE,
};

/// An entry of a directory. `next` is where reading goes on after it.
struct port_entry {
  uint64_t next;
  uint64_t inode;
  const char *name;
  uint32_t name_size;
  uint8_t type; // port_file_type
};

enum port_clock : int {
  PORT_REALTIME,
  PORT_MONOTONIC,
  PORT_PROCESS_CPUTIME,
  PORT_THREAD_CPUTIME,
};

enum port_poll_events : int16_t {
  PORT_POLL_IN = 1 << 0,
  PORT_POLL_OUT = 1 << 2,
  PORT_POLL_ERROR = 1 << 3,
  PORT_POLL_HANGUP = 1 << 4,
  PORT_POLL_INVALID = 1 << 5,
};

struct port_poll {
  int32_t fd;
  int16_t events;  // port_poll_events to wait for
  int16_t results; // what there is
};

/// strlen: a program without a libc need not supply it.
static inline size_t port_length(const char *text) {
  size_t size = 0;
  while (text[size])
    ++size;
  return size;
}

extern "C" {

/// How many descriptors a guest may have: at least 3.
uint32_t port_open_limit();
/// A directory of the host, by the host's own path.
int port_open_directory(const char *host_path);
void port_close(int fd);

int64_t port_read(int fd, const port_iovec *iovecs, int count);
int64_t port_write(int fd, const port_iovec *iovecs, int count);
int64_t port_pread(int fd, const port_iovec *iovecs, int count,
                   uint64_t offset);
int64_t port_pwrite(int fd, const port_iovec *iovecs, int count,
                    uint64_t offset);
/// whence: 0 from the start, 1 from here, 2 from the end.
int64_t port_seek(int fd, int64_t offset, int whence);
int port_sync(int fd, bool data_only);
int port_advise(int fd, uint64_t offset, uint64_t length, port_advice advice);
int port_allocate(int fd, uint64_t offset, uint64_t length);
int port_set_size(int fd, uint64_t size);
int port_get_stat(int fd, port_stat *stat);
int port_set_times(int fd, const port_times *times);
/// WASI's fdflags, with PORT_READ and PORT_WRITE.
int port_get_flags(int fd);
/// PORT_APPEND and PORT_NONBLOCK as given, the others as they are.
int port_set_flags(int fd, uint32_t flags);
/// Calls `visit` with each entry from `cookie` on (0: the first) until it
/// returns false or there are no more.
int port_read_directory(int fd, uint64_t cookie,
                        bool (*visit)(void *context, const port_entry *entry),
                        void *context);

int port_open(int directory, const char *path, uint32_t flags);
int port_make_directory(int directory, char *path);
int port_remove_directory(int directory, char *path);
int port_unlink(int directory, char *path);
int port_rename(int old_directory, char *old_path, int new_directory,
                char *new_path);
int port_link(int old_directory, char *old_path, bool follow, int new_directory,
              char *new_path);
/// `target` is what the link says; the caller refuses absolute ones.
int port_symlink(const char *target, int directory, char *path);
int64_t port_read_link(int directory, const char *path, void *buffer,
                       size_t size);
int port_get_stat_at(int directory, const char *path, bool follow,
                     port_stat *stat);
int port_set_times_at(int directory, const char *path, bool follow,
                      const port_times *times);

int port_accept(int fd, bool nonblocking);
/// *truncated: the rest of a datagram was dropped.
int64_t port_receive(int fd, const port_iovec *iovecs, int count, bool peek,
                     bool wait_all, bool *truncated);
int64_t port_send(int fd, const port_iovec *iovecs, int count);
int port_shutdown(int fd, bool reading, bool writing);

int port_clock_time(port_clock clock, uint64_t *nanoseconds);
int port_clock_resolution(port_clock clock, uint64_t *nanoseconds);
int port_random(void *buffer, size_t size);
/// Waits until an entry has results or `timeout` nanoseconds have passed (null:
/// for ever). How many have results.
int port_wait(port_poll *polls, uint64_t count, const uint64_t *timeout);
/// How many bytes can be read without waiting.
int64_t port_available(int fd);
/// `signal` has WASI's number: 1 to 30.
int port_raise(int signal);
}
