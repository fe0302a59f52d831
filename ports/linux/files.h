// What the parts of the Linux port's file primitives share.
#pragma once

#include "ports/linux/syscall.h"
#include "runtime/port_files.h"

namespace linux_files {

/// A system call's result with errors as negated port_error.
long portResult(long result);

/// Opens `path` beneath `directory`; flags are Linux's. A negated errno of
/// Linux on failure: EXDEV where the path leads outside.
int openBeneath(int directory, const char *path, int flags, int mode);

/// Makes openBeneath walk component by component, as on kernels without
/// openat2. For tests.
void forceWalk(bool force);

/// A new descriptor (or a negated errno), above the numbers of the standard
/// streams: where the host has those closed, its own messages would go to a
/// guest's file.
int aboveStreams(int fd);

/// statx of `path` from `fd`; 0 or a negated errno.
int getStat(int fd, const char *path, int flags, port_stat *stat);
/// utimensat; 0 or a negated errno.
int setTimes(int fd, const char *path, int flags, const port_times *times);

/// A path's last component and an open directory that contains it.
class Parent {
public:
  /// A negated errno, or 0. `path` is as before afterwards.
  int resolve(int directory, char *path);
  /// The same, following a symbolic link as the last component.
  int resolveFollowing(int directory, const char *path);
  ~Parent();
  int fd() const { return Fd; }
  /// With its trailing slash, if the path had one.
  const char *name() const { return Name; }

private:
  friend class Walk;
  int Fd = -1;
  bool IsOwned = false;
  char Name[258];
};

} // namespace linux_files
