// Runs the program of a firmware image. Exit codes as on Linux: the guest's
// own; 134 for a trap; 1 when the program cannot be started. What a program has
// of the general functions is for its one instance alone
// (compiler/codegen/optimize_image.cpp).
#include "ports/cortex_m/port.h"
#include "ports/cortex_m/semihosting.h"
#include "runtime/program.h"

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

static void run(void *) {
  wm_main_module->initialize(wm_main_module->instance);
  if (!wm_static_store.exception)
    wm_static_run(nullptr);
}

static int refuse(const char *reason) {
  wm_report("the program cannot be started: ", reason, 0);
  return 1;
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
  wm_instance *instance = wm_main_module->instance;
  if (const char *reason = prepareStatic(instance, wm_main_module, &options))
    return refuse(reason);
  Ending ending = wm_enter(instance, run, nullptr, /*outer=*/nullptr);
  if (ending.isRefused)
    return refuse(NoRegion);
  if (ending.trap == WM_TRAP_exit)
    return wm_static_store.error.exit_code;
  if (ending.trap != WM_TRAP_none)
    wm_report("trap: ", ending.message, reinterpret_cast<uintptr_t>(ending.pc));
  else if (ending.exception)
    wm_report("uncaught exception", "", 0);
  else
    return 0;
  return 134;
}
