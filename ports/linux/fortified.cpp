// What LLVM's profiling runtime, which is built for glibc, asks of musl: the
// names of functions whose buffers are checked.
// https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/baselib---snprintf-chk-1.html
#include <stdarg.h>
#include <stddef.h>

// Freestanding code has no headers of libc.
extern "C" {
int vfprintf(void *stream, const char *format, va_list arguments);
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

int __fprintf_chk(void *stream, int, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = vfprintf(stream, format, arguments);
  va_end(arguments);
  return result;
}

int __snprintf_chk(char *buffer, size_t size, int, size_t, const char *format,
                   ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = vsnprintf(buffer, size, format, arguments);
  va_end(arguments);
  return result;
}
}
