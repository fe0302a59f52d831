// Threads that a program starts, by the convention of wasi-threads: each has an
// instance of its own, in a store of its own, and shares the memory and WASI's
// descriptors. What ends one early, by a trap or proc_exit, ends the program.
// Nothing is given back when the main thread returns: the process ends.
// https://github.com/WebAssembly/wasi-threads
#include "libc_backing/wasi.h"
#include "ports/linux/program.h"
#include "ports/linux/syscall.h"
#include "runtime/layout.h"
#include "runtime/port_files.h"
#include "runtime/program.h"

// musl's: a thread needs its thread-local storage.
extern "C" {
int pthread_create(unsigned long *thread, const void *attributes,
                   void *(*function)(void *), void *argument);
int pthread_detach(unsigned long thread);
}

namespace {

/// The program, to the end of the process. Threads change nothing of it but
/// `last_id`.
struct Program {
  const wm_module *module;
  wm_options options;
  wm_import imports[2];
  uint32_t last_id;
};

/// Lives in the store of its instance.
struct Thread {
  wm_instance *instance;
  int32_t id;
  int32_t argument;
};

} // namespace

static Program TheProgram;

static wm_status runThread(const Thread &thread, wm_error *error) {
  if (wm_status status = startInstance(thread.instance, error))
    return status;
  wm_external start;
  if (!wm_instance_export(thread.instance, "wasi_thread_start", &start))
    return WM_NOT_FOUND; // the compiler has refused such a module
  wm_value arguments[2] = {};
  arguments[0].i32 = thread.id;
  arguments[1].i32 = thread.argument;
  return callFunction(start.function, arguments, arguments, error);
}

static void *threadMain(void *argument) {
  const Thread &thread = *static_cast<Thread *>(argument);
  wm_error error = {};
  wm_status status = runThread(thread, &error);
  if (status != WM_OK)
    linuxCall(__NR_exit_group, reportFailure(status, error));
  wm_instance_destroy(thread.instance);
  return nullptr;
}

/// The number of a new thread, or 0 when there are no more.
static int32_t nextId() {
  constexpr uint32_t Largest = 0x1fffffff; // by the convention
  uint32_t last = __atomic_load_n(&TheProgram.last_id, __ATOMIC_RELAXED);
  while (last < Largest)
    if (__atomic_compare_exchange_n(&TheProgram.last_id, &last, last + 1, true,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return static_cast<int32_t>(last + 1);
  return 0;
}

/// The thread's number; negative when there cannot be one more.
static int32_t spawn(wm_instance *caller, int32_t argument) {
  int32_t id = nextId();
  wm_instance *instance;
  wm_error error;
  if (!id || prepareInstance(TheProgram.module, TheProgram.options, &instance,
                             &error) != WM_OK)
    return -PORT_EAGAIN;
  wm_wasi_share(instance, caller);
  unsigned long handle;
  Thread *thread =
      static_cast<Thread *>(storeAllocate(instance->store, sizeof(Thread)));
  if (thread)
    *thread = {instance, id, argument};
  if (!thread || pthread_create(&handle, nullptr, threadMain, thread) != 0) {
    wm_instance_destroy(instance);
    return -PORT_EAGAIN;
  }
  pthread_detach(handle);
  return id;
}

static wm_status onSpawn(void *, wm_instance *instance, const wm_value *params,
                         wm_value *results) {
  results->i32 = spawn(instance, params->i32);
  return WM_OK;
}

extern "C" wm_status wm_supply_threads(const wm_module *module,
                                       wm_options *options, wm_error *error) {
  Program &program = TheProgram;
  program.imports[0] = {"wasi", "thread-spawn", onSpawn, nullptr, {}};
  options->imports = program.imports;
  options->num_imports = 1;
  wm_extern_type type;
  for (uint32_t i = 0; wm_module_import(module, i, &type); ++i) {
    if (type.kind != WM_MEMORY) // the compiler lets one through at most
      continue;
    // --max-memory counts as well.
    const wm_memory_type &limits = module->memories[0];
    uint64_t most = limits.maximum >> limits.page_log2;
    type.maximum = most < type.maximum ? most : type.maximum;
    wm_import &import = program.imports[1];
    import.module = type.module;
    import.name = type.name;
    if (wm_status status =
            wm_memory_create(nullptr, module, &type, &import.value, error))
      return status;
    options->num_imports = 2;
  }
  program.module = module;
  program.options = *options;
  program.options.wasi = nullptr; // theirs is the first instance's
  return WM_OK;
}
