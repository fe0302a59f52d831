// What sqlite3's Unix layer names and wasi-libc lacks. Locks and owners do not
// exist in WASI: the programs open databases with the "unix-none" VFS.
#pragma once
#ifdef __wasi__
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6
static inline int fchmod(int fd, mode_t mode) { return 0; }
static inline int fchown(int fd, uid_t uid, gid_t gid) { return 0; }
static inline uid_t geteuid(void) { return 1; }
#endif
