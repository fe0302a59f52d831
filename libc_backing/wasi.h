// WASI preview 1 for an instance: what a host grants it, and the functions
// that compiled code calls. Nothing is reachable that was not granted.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
#pragma once

#include "runtime/abi.h"

extern "C" {

/// Gives `instance` its WASI state: descriptors 0 to 2 are the host's unless
/// it has none, the preopens follow from 3 in their order. False, with one line
/// in `message`, when a directory cannot be opened or memory is short; the
/// instance then has no state, and its WASI functions answer `nosys`. A state
/// that it had is destroyed first.
bool wm_wasi_init(wm_instance *instance, const wm_wasi_config *config,
                  char *message, size_t message_size);
/// Closes what the guest left open, except the host's streams. Before
/// wm_instance_destroy.
void wm_wasi_destroy(wm_instance *instance);
/// Lets another instance, of another thread, use what an instance has: until
/// wm_wasi_destroy of both. Of ports with threads.
void wm_wasi_share(wm_instance *instance, wm_instance *user);

int32_t wm_wasi_args_get(wm_instance *, int32_t argv, int32_t buffer);
int32_t wm_wasi_args_sizes_get(wm_instance *, int32_t count, int32_t size);
int32_t wm_wasi_environ_get(wm_instance *, int32_t env, int32_t buffer);
int32_t wm_wasi_environ_sizes_get(wm_instance *, int32_t count, int32_t size);
int32_t wm_wasi_clock_res_get(wm_instance *, int32_t id, int32_t result);
int32_t wm_wasi_clock_time_get(wm_instance *, int32_t id, int64_t precision,
                               int32_t result);
int32_t wm_wasi_fd_advise(wm_instance *, int32_t fd, int64_t offset,
                          int64_t length, int32_t advice);
int32_t wm_wasi_fd_allocate(wm_instance *, int32_t fd, int64_t offset,
                            int64_t length);
int32_t wm_wasi_fd_close(wm_instance *, int32_t fd);
int32_t wm_wasi_fd_datasync(wm_instance *, int32_t fd);
int32_t wm_wasi_fd_fdstat_get(wm_instance *, int32_t fd, int32_t result);
int32_t wm_wasi_fd_fdstat_set_flags(wm_instance *, int32_t fd, int32_t flags);
int32_t wm_wasi_fd_fdstat_set_rights(wm_instance *, int32_t fd, int64_t base,
                                     int64_t inheriting);
int32_t wm_wasi_fd_filestat_get(wm_instance *, int32_t fd, int32_t result);
int32_t wm_wasi_fd_filestat_set_size(wm_instance *, int32_t fd, int64_t size);
int32_t wm_wasi_fd_filestat_set_times(wm_instance *, int32_t fd, int64_t access,
                                      int64_t modification, int32_t flags);
int32_t wm_wasi_fd_pread(wm_instance *, int32_t fd, int32_t iovs, int32_t count,
                         int64_t offset, int32_t result);
int32_t wm_wasi_fd_prestat_get(wm_instance *, int32_t fd, int32_t result);
int32_t wm_wasi_fd_prestat_dir_name(wm_instance *, int32_t fd, int32_t path,
                                    int32_t length);
int32_t wm_wasi_fd_pwrite(wm_instance *, int32_t fd, int32_t iovs,
                          int32_t count, int64_t offset, int32_t result);
int32_t wm_wasi_fd_read(wm_instance *, int32_t fd, int32_t iovs, int32_t count,
                        int32_t result);
int32_t wm_wasi_fd_readdir(wm_instance *, int32_t fd, int32_t buffer,
                           int32_t length, int64_t cookie, int32_t result);
int32_t wm_wasi_fd_renumber(wm_instance *, int32_t fd, int32_t to);
int32_t wm_wasi_fd_seek(wm_instance *, int32_t fd, int64_t offset,
                        int32_t whence, int32_t result);
int32_t wm_wasi_fd_sync(wm_instance *, int32_t fd);
int32_t wm_wasi_fd_tell(wm_instance *, int32_t fd, int32_t result);
int32_t wm_wasi_fd_write(wm_instance *, int32_t fd, int32_t iovs, int32_t count,
                         int32_t result);
int32_t wm_wasi_path_create_directory(wm_instance *, int32_t fd, int32_t path,
                                      int32_t length);
int32_t wm_wasi_path_filestat_get(wm_instance *, int32_t fd, int32_t flags,
                                  int32_t path, int32_t length, int32_t result);
int32_t wm_wasi_path_filestat_set_times(wm_instance *, int32_t fd,
                                        int32_t flags, int32_t path,
                                        int32_t length, int64_t access,
                                        int64_t modification,
                                        int32_t time_flags);
int32_t wm_wasi_path_link(wm_instance *, int32_t old_fd, int32_t old_flags,
                          int32_t old_path, int32_t old_length, int32_t new_fd,
                          int32_t new_path, int32_t new_length);
int32_t wm_wasi_path_open(wm_instance *, int32_t fd, int32_t lookup_flags,
                          int32_t path, int32_t length, int32_t open_flags,
                          int64_t base, int64_t inheriting, int32_t fd_flags,
                          int32_t result);
int32_t wm_wasi_path_readlink(wm_instance *, int32_t fd, int32_t path,
                              int32_t length, int32_t buffer, int32_t size,
                              int32_t result);
int32_t wm_wasi_path_remove_directory(wm_instance *, int32_t fd, int32_t path,
                                      int32_t length);
int32_t wm_wasi_path_rename(wm_instance *, int32_t old_fd, int32_t old_path,
                            int32_t old_length, int32_t new_fd,
                            int32_t new_path, int32_t new_length);
int32_t wm_wasi_path_symlink(wm_instance *, int32_t old_path,
                             int32_t old_length, int32_t fd, int32_t new_path,
                             int32_t new_length);
int32_t wm_wasi_path_unlink_file(wm_instance *, int32_t fd, int32_t path,
                                 int32_t length);
int32_t wm_wasi_poll_oneoff(wm_instance *, int32_t in, int32_t out,
                            int32_t count, int32_t result);
void wm_wasi_proc_exit(wm_instance *, int32_t code);
int32_t wm_wasi_proc_raise(wm_instance *, int32_t signal);
int32_t wm_wasi_sched_yield(wm_instance *);
int32_t wm_wasi_random_get(wm_instance *, int32_t buffer, int32_t length);
int32_t wm_wasi_sock_accept(wm_instance *, int32_t fd, int32_t flags,
                            int32_t result);
int32_t wm_wasi_sock_recv(wm_instance *, int32_t fd, int32_t iovs,
                          int32_t count, int32_t flags, int32_t result,
                          int32_t result_flags);
int32_t wm_wasi_sock_send(wm_instance *, int32_t fd, int32_t iovs,
                          int32_t count, int32_t flags, int32_t result);
int32_t wm_wasi_sock_shutdown(wm_instance *, int32_t fd, int32_t how);
}
