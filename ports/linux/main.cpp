// The main function of executables: grants, instance, start. Exit codes: the
// guest's own; 134 for a trap; 1 when the instance cannot be made.
//
// WASMETAL_DIRS grants more directories: `HOST::GUEST` or `HOST`, separated by
// semicolons. WASMETAL_ENV adds environment variables,
// `NAME=value`, separated likewise. WASMETAL_FUEL replaces the fuel of a
// program that was compiled with --fuel.
#include "libc_backing/wasi.h"
#include "ports/linux/program.h"
#include "runtime/port.h"
#include "runtime/program.h"

void printLine(const char *text) {
  char buffer[640];
  Message message(buffer);
  message.text("wasmetal: ").text(text).text("\n");
  port_message(buffer, static_cast<uint64_t>(message.position() - buffer));
}

int reportFailure(wm_status status, const wm_error &error) {
  // Of several threads, the first ends the program.
  static uint8_t is_ending;
  while (__atomic_exchange_n(&is_ending, 1, __ATOMIC_RELAXED))
    port_yield();
  if (status == WM_EXITED)
    return error.exit_code;
  if (status != WM_TRAPPED) {
    printLine(error.message);
    return 1;
  }
  char buffer[512];
  Message message(buffer);
  message.text("trap: ").text(error.message);
  describeLocation(message, error.trap_pc);
  printLine(buffer);
  return 134;
}

//===-- Grants ------------------------------------------------------------===//

static uint64_t length(const char *text) {
  return text ? __builtin_strlen(text) : 0;
}

static const char *findVariable(char **envp, const char *name) {
  uint64_t size = length(name);
  for (; *envp; ++envp)
    if (__builtin_strncmp(*envp, name, size) == 0 && (*envp)[size] == '=')
      return *envp + size + 1;
  return nullptr;
}

static bool isSeparator(char c) { return c == ';'; }

/// An upper bound of the entries in a list.
static uint32_t countEntries(const char *list) {
  uint32_t count = 1;
  for (; list && *list; ++list)
    count += isSeparator(*list);
  return count;
}

/// Calls `add` with each entry of a list that is not empty; separators become
/// terminators.
template <typename Add> static void splitList(char *list, Add add) {
  while (*list) {
    char *end = list;
    while (*end && !isSeparator(*end))
      ++end;
    bool is_last = !*end;
    *end = 0;
    if (end != list)
      add(list);
    if (is_last)
      return;
    list = end + 1;
  }
}

static wm_wasi_preopen parseDirectory(char *entry) {
  for (char *at = entry; *at; ++at) {
    if (at[0] != ':' || at[1] != ':')
      continue;
    *at = 0;
    return {entry, at + 2};
  }
  return {entry, entry};
}

/// Takes pieces of a block that was made large enough.
template <typename T> static T *take(char *&block, uint64_t count) {
  T *result = reinterpret_cast<T *>(block);
  block += (count * sizeof(T) + 15) & ~15ull;
  return result;
}

static char *copyText(char *&block, const char *text) {
  uint64_t size = length(text);
  char *copy = take<char>(block, size + 1);
  if (size)
    __builtin_memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

/// Fills in what the guest is granted. False when memory is short.
static bool collectGrants(char **envp, wm_wasi_config &config) {
  const wm_program &program = wm_main_options;
  const char *more_directories = findVariable(envp, "WASMETAL_DIRS");
  const char *more_environment = findVariable(envp, "WASMETAL_ENV");
  if (!more_directories && !more_environment && !program.num_directories) {
    config.env = program.environment;
    config.env_count = program.num_environment;
    return true;
  }
  uint64_t num_directories =
      program.num_directories + uint64_t(countEntries(more_directories));
  uint64_t num_environment =
      program.num_environment + uint64_t(countEntries(more_environment));
  uint64_t size = num_directories * sizeof(wm_wasi_preopen) +
                  num_environment * sizeof(char *) + length(more_directories) +
                  length(more_environment) + 128;
  uint64_t page = port_page_size();
  size = (size + page - 1) / page * page;
  char *block = static_cast<char *>(port_reserve(size));
  if (!block || !port_commit(block, size))
    return false;

  wm_wasi_preopen *directories = take<wm_wasi_preopen>(block, num_directories);
  const char **environment = take<const char *>(block, num_environment);
  for (uint32_t i = 0; i < program.num_directories; ++i)
    directories[config.preopen_count++] = {program.directories[i].host,
                                           program.directories[i].guest};
  for (uint32_t i = 0; i < program.num_environment; ++i)
    environment[config.env_count++] = program.environment[i];
  splitList(copyText(block, more_directories), [&](char *entry) {
    directories[config.preopen_count++] = parseDirectory(entry);
  });
  splitList(copyText(block, more_environment),
            [&](char *entry) { environment[config.env_count++] = entry; });
  config.preopens = directories;
  config.env = environment;
  return true;
}

/// Sets the fuel; false, having said why, if the variable has none.
static bool readFuel(char **envp, uint64_t &fuel) {
  const char *text = findVariable(envp, "WASMETAL_FUEL");
  if (!text)
    return true;
  if (!fuel) {
    printLine("WASMETAL_FUEL is for programs that were compiled with --fuel");
    return false;
  }
  fuel = 0;
  bool is_good = *text;
  for (; *text && is_good; ++text)
    is_good = *text >= '0' && *text <= '9' &&
              !__builtin_mul_overflow(fuel, uint64_t(10), &fuel) &&
              !__builtin_add_overflow(fuel, uint64_t(*text - '0'), &fuel);
  if (is_good && fuel > 0 && fuel <= INT64_MAX)
    return true;
  printLine("WASMETAL_FUEL: expected a number from 1 to 9223372036854775807");
  return false;
}

//===-- Running -----------------------------------------------------------===//

/// Calls an export without parameters and results; WM_OK if there is none.
static wm_status callPlain(wm_instance *instance, const char *name,
                           wm_error &error) {
  wm_external external;
  if (!wm_instance_export(instance, name, &external) ||
      external.kind != WM_FUNCTION)
    return WM_OK;
  const wm_type *type = typeOf(external.function);
  if (type->num_params || type->num_results)
    return WM_OK;
  return callFunction(external.function, nullptr, nullptr, &error);
}

static int runProgram(int argc, char **argv, char **envp) {
  const wm_program &program = wm_main_options;
  wm_wasi_config config = {};
  config.argc = argc;
  config.argv = argv;
  config.is_process = true;
  if (!collectGrants(envp, config)) {
    printLine("out of memory");
    return 1;
  }
  wm_options options = {};
  options.size = sizeof(options);
  options.stack_size = program.stack_size;
  options.fuel = program.fuel;
  if (!readFuel(envp, options.fuel))
    return 2;
  options.wasi = &config;
  wm_instance *instance;
  wm_error error;
  if (program.supply_threads)
    if (wm_status status =
            program.supply_threads(wm_main_module, &options, &error))
      return reportFailure(status, error);
  wm_status status =
      wm_instance_create(wm_main_module, &options, &instance, &error);
  if (status != WM_OK)
    return reportFailure(status, error);
  if (!program.invoke) {
    status = callPlain(instance, "_start", error);
    return status == WM_OK ? 0 : reportFailure(status, error);
  }
  const char *name = program.invoke_name;
  int first = 1;
  if (!name && argc > 1)
    name = argv[first++];
  if (!name) {
    printLine("the name of the function to invoke is missing");
    return 2;
  }
  return program.invoke(instance, name, argc - first, argv + first);
}

// By its assembler name: C++ gives `main` no linkage of its own.
extern int programMain(int argc, char **argv, char **envp) __asm__("main");

int programMain(int argc, char **argv, char **envp) {
  return runProgram(argc, argv, envp);
}
