// Runs the program of a firmware image. Exit codes as on Linux: the guest's
// own; 134 for a trap; 1 when the program cannot be started.
#include "ports/cortex_m/port.h"
#include "ports/cortex_m/semihosting.h"
#include "runtime/message.h"
#include "runtime/program.h"

static int fail(int code, const char *first, const char *second,
                const void *pc) {
  char buffer[160];
  Message message(buffer);
  message.text("wasmetal: ").text(first).text(second);
  if (pc)
    message.text(" at address 0x").number<16>(reinterpret_cast<uintptr_t>(pc));
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

static void takeArguments(wm_wasi_config &config) {
  constexpr int MostArguments = 8;
  static const char *arguments[MostArguments];
  static char line[128];
  struct {
    char *text;
    uint32_t size;
  } request = {line, sizeof(line)};
  if (semihosting(SYS_GET_CMDLINE, &request) == 0)
    config.argc = split(line, arguments, MostArguments);
  config.argv = arguments;
}

int programMain() {
  wm_wasi_config config = {};
  if (wm_main_options.takes_arguments)
    takeArguments(config);
  config.env = wm_main_options.environment;
  config.env_count = wm_main_options.num_environment;
  config.is_process = true;
  wm_options options = {};
  options.size = sizeof(options);
  options.fuel = wm_main_options.fuel;
  options.wasi = &config;
  wm_instance *instance;
  wm_error error;
  wm_status status =
      wm_instance_create(wm_main_module, &options, &instance, &error);
  if (status == WM_OK) {
    status = port_enter(instance, wm_static_run, nullptr);
    error = wm_static_store.error;
  }
  if (status == WM_OK)
    return 0;
  if (status == WM_EXITED)
    return error.exit_code;
  if (status == WM_REFUSED)
    return fail(1, "the program cannot be started: ", error.message, nullptr);
  bool isTrap = status == WM_TRAPPED;
  return fail(134, isTrap ? "trap: " : "", error.message,
              isTrap ? error.trap_pc : nullptr);
}
