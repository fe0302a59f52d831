"""WASI in a host's program: what was granted and nothing else, and an exit
that ends the call, not the process."""
from hosts import *

C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }

__attribute__((export_name("constructed"))) int is_constructed(void) {
  return constructed;
}

__attribute__((export_name("say"))) int say(const char *text) {
  return puts(text) < 0 || fflush(stdout) ? -1 : 0;
}

__attribute__((export_name("room"))) void *room(int size) {
  return malloc(size);
}

__attribute__((export_name("leave"))) void leave(int code) {
  printf("leaving with %d\n", code);
  exit(code);
}

__attribute__((export_name("size"))) int size(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file)
    return -1;
  fseek(file, 0, SEEK_END);
  return (int)ftell(file);
}

__attribute__((export_name("mode"))) int mode(void) {
  const char *mode = getenv("MODE");
  return mode ? atoi(mode) : -1;
}
"""

HOST = PREAMBLE + r"""
#include "lib.h"
#include <unistd.h>

static int32_t put(wm_instance *instance, const char *text) {
  int32_t address;
  CHECK(lib_room(instance, (int32_t)strlen(text) + 1, &address) == WM_OK);
  CHECK(wm_memory_write(wm_instance_memory(instance, 0), (uint32_t)address,
                        text, strlen(text) + 1) == WM_OK);
  return address;
}

static int32_t say(wm_instance *instance, const char *text) {
  int32_t result;
  CHECK(lib_say(instance, put(instance, text), &result) == WM_OK);
  return result;
}

static int32_t size(wm_instance *instance, const char *name) {
  int32_t result;
  CHECK(lib_size(instance, put(instance, name), &result) == WM_OK);
  return result;
}

int main(void) {
  wm_wasi_preopen preopen = {"granted", "/data"};
  const char *env[] = {"MODE=7"};
  wm_wasi_config config = {0};
  config.env = env;
  config.env_count = 1;
  config.preopens = &preopen;
  config.preopen_count = 1;
  wm_options options = {0};
  options.size = sizeof(options);
  wm_error error;
  wm_instance *poor, *rich, *silent;
  CHECK(wm_instance_create(&lib_module, &options, &poor, &error) == WM_OK);
  options.wasi = &config;
  CHECK(wm_instance_create(&lib_module, &options, &rich, &error) == WM_OK);
  wm_wasi_config no_streams = {0};
  no_streams.has_no_streams = true;
  options.wasi = &no_streams;
  CHECK(wm_instance_create(&lib_module, &options, &silent, &error) == WM_OK);
  wm_wasi_config missing = config;
  wm_wasi_preopen nowhere = {"nowhere", "/"};
  missing.preopens = &nowhere;
  options.wasi = &missing;
  wm_instance *none;
  CHECK(wm_instance_create(&lib_module, &options, &none, &error) == WM_REFUSED);
  CHECK(strcmp(error.message, "cannot open directory \"nowhere\": no such file "
                              "or directory") == 0);
  CHECK(none == NULL);

  int32_t r;
  CHECK(lib_constructed(rich, &r) == WM_OK && r == 1);
  CHECK(lib_mode(rich, &r) == WM_OK && r == 7);
  CHECK(lib_mode(poor, &r) == WM_OK && r == -1);
  CHECK(say(rich, "rich") == 0);
  CHECK(say(poor, "poor") == -1);
  CHECK(say(silent, "silent") == -1);
  CHECK(size(rich, "/data/file") == 5);
  CHECK(size(rich, "/etc/passwd") == -1);
  CHECK(size(poor, "/data/file") == -1);

  CHECK(lib_leave(rich, 42) == WM_EXITED);
  CHECK(wm_last_error(rich)->exit_code == 42);
  CHECK(strcmp(wm_last_error(rich)->message, "exited with code 42") == 0);
  wm_value code = {.i32 = 0};
  CHECK(wm_call(rich, "leave", &code, 1, NULL, 0, &error) == WM_EXITED);
  CHECK(error.status == WM_EXITED && error.exit_code == 0);
  CHECK(lib_mode(rich, &r) == WM_OK && r == 7);
  wm_instance_destroy(rich);
  wm_instance_destroy(poor);
  wm_instance_destroy(silent);
  // Streams are the host's still, and nothing else is open.
  int next = dup(0);
  fprintf(stderr, "next is %d\n", next);
  puts("host");
}
"""

(SANDBOX / "lib.c").write_text(C)
must(*WASI_C, "-O1", "-mexec-model=reactor", "lib.c", *WASI_LIBS, "-o",
     "lib.wasm")
fresh_folder("granted")
(SANDBOX / "granted" / "file").write_text("12345")
compile_module("lib", SANDBOX / "lib.wasm")
result = run(c_host("host", HOST, "lib.o"))
expect(result.stderr, b"next is 3\n", "errors")
expect(result.returncode, 0, "exit code")
expect(result.stdout, b"rich\nleaving with 42\nleaving with 0\nhost\n",
       "output")
