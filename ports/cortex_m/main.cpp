// Runs the program of a firmware image. Exit codes as on Linux: the guest's
// own; 134 for a trap; 1 when the program cannot be started.
#include "libc_backing/wasi.h"
#include "memory_backends/backend.h"
#include "ports/cortex_m/port.h"
#include "ports/cortex_m/semihosting.h"
#include "runtime/message.h"
#include "runtime/port_files.h"
#include "runtime/program.h"

static int fail(int code, const char *first, const char *second,
                const void *pc) {
  char buffer[160];
  Message message(buffer);
  message.text("wasmetal: ").text(first).text(second);
  if (pc)
    message.text(" at address 0x").number(reinterpret_cast<uintptr_t>(pc), 16);
  message.text("\n");
  port_message(buffer, static_cast<uint64_t>(message.position() - buffer));
  return code;
}

/// Splits the debugger's command line at its spaces. `text` stays in use.
static int split(char *text, const char **arguments, int most) {
  int count = 0;
  while (*text && count < most) {
    while (*text == ' ')
      *text++ = 0;
    if (*text)
      arguments[count++] = text;
    while (*text && *text != ' ')
      ++text;
  }
  return count;
}

/// What the emitter has set aside is what this strategy's accesses may touch.
static bool isReserved(const wm_instance *instance) {
  const wm_module *module = instance->module;
  wm_memory *const *memories = reinterpret_cast<wm_memory *const *>(
      reinterpret_cast<const char *>(instance) + module->memories_offset);
  for (uint32_t i = 0; i < module->num_memories; ++i)
    if (wm_backend_ops.reach(&module->memories[i]) > memories[i]->reserved)
      return false;
  return true;
}

static bool startWasi(wm_instance *instance, char *line, uint32_t size) {
  constexpr int MostArguments = 8;
  static const char *arguments[MostArguments];
  struct {
    char *text;
    uint32_t size;
  } request = {line, size};
  wm_wasi_config config = {};
  if (semihosting(SYS_GET_CMDLINE, &request) == 0)
    config.argc = split(line, arguments, MostArguments);
  config.argv = const_cast<char **>(arguments);
  config.env = wm_main_options.environment;
  config.env_count = wm_main_options.num_environment;
  config.is_process = true;
  char message[80];
  return instance->module->wasi_init(instance, &config, message,
                                     sizeof(message));
}

int wm_main() {
  static char line[128];
  wm_instance *instance = wm_static_instance;
  if (!isReserved(instance))
    return fail(1, "linear memory is smaller than its strategy needs", "",
                nullptr);
  if (instance->module->wasi_init && !startWasi(instance, line, sizeof(line)))
    return fail(1, "out of memory for WASI", "", nullptr);
  uint64_t fuel = wm_main_options.fuel;
  wm_static_store.fuel = fuel ? static_cast<int64_t>(fuel) : INT64_MAX;
  wm_status status = port_enter(instance, wm_static_run, nullptr);
  const wm_error &error = wm_static_store.error;
  if (status == WM_OK)
    return 0;
  if (status == WM_EXITED)
    return error.exit_code;
  bool isTrap = status == WM_TRAPPED;
  return fail(134, isTrap ? "trap: " : "", error.message,
              isTrap ? error.trap_pc : nullptr);
}
