// The life of an instance with 1 MiB of memory: made, called once, destroyed.
// Built and run by `run`, beside it.
#include "instances.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

static wm_instance *makeAndCall() {
  wm_instance *instance;
  int32_t sum;
  if (wm_instance_create(&instances_module, nullptr, &instance, nullptr) !=
          WM_OK ||
      instances_add(instance, 1, 2, &sum) != WM_OK)
    std::abort();
  return instance;
}

static void createCallDestroy(benchmark::State &state) {
  // With the first instance of a process come the handlers of signals.
  wm_instance *first = makeAndCall();
  for (auto _ : state)
    wm_instance_destroy(makeAndCall());
  wm_instance_destroy(first);
}
BENCHMARK(createCallDestroy);

static double residentBytes() {
  long total = 0, resident = 0;
  FILE *file = std::fopen("/proc/self/statm", "r");
  if (!file || std::fscanf(file, "%ld %ld", &total, &resident) != 2)
    std::abort();
  std::fclose(file);
  return static_cast<double>(resident) * 4096;
}

/// What an instance that was called keeps in memory.
static void residentMemory(benchmark::State &state) {
  constexpr size_t Count = 1000;
  for (auto _ : state) {
    std::vector<wm_instance *> instances(Count);
    double before = residentBytes();
    for (wm_instance *&instance : instances)
      instance = makeAndCall();
    state.counters["bytes_each"] = (residentBytes() - before) / Count;
    for (wm_instance *instance : instances)
      wm_instance_destroy(instance);
  }
}
BENCHMARK(residentMemory)->Iterations(1);

BENCHMARK_MAIN();
