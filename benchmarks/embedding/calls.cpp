// What it costs to cross between host and guest: beside a native call through
// a pointer, of the same function. Built and run by `run`, beside it.
#include "calls.h"

#include <benchmark/benchmark.h>

#include <cstdlib>

__attribute__((noinline)) static int32_t addNatively(int32_t a, int32_t b) {
  return a + b;
}
static int32_t (*volatile Native)(int32_t, int32_t) = addNatively;
static wm_status (*volatile Typed)(wm_instance *, int32_t, int32_t,
                                   int32_t *) = calls_add;

extern "C" wm_status calls_import_host_add(wm_instance *, int32_t a, int32_t b,
                                           int32_t *sum) {
  *sum = a + b;
  return WM_OK;
}

namespace {
class Instance {
public:
  Instance() {
    if (wm_instance_create(&calls_module, nullptr, &instance, nullptr) != WM_OK)
      std::abort();
  }
  ~Instance() { wm_instance_destroy(instance); }
  operator wm_instance *() const { return instance; }

private:
  wm_instance *instance;
};
} // namespace

// Each call needs the result of the one before.
static void callNative(benchmark::State &state) {
  int32_t sum = 0;
  for (auto _ : state)
    sum = Native(sum, 1);
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(callNative);

static void callTyped(benchmark::State &state) {
  Instance instance;
  int32_t sum = 0;
  for (auto _ : state)
    if (Typed(instance, sum, 1, &sum) != WM_OK)
      std::abort();
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(callTyped);

static void callByName(benchmark::State &state) {
  Instance instance;
  wm_value values[2] = {};
  values[1].i32 = 1;
  for (auto _ : state)
    if (wm_call(instance, "add", values, 2, values, 1, nullptr) != WM_OK)
      std::abort();
}
BENCHMARK(callByName);

// Thousands at once: one entry is nothing among them.
static void callBack(benchmark::State &state) {
  Instance instance;
  constexpr int32_t Batch = 10'000;
  int32_t sum;
  while (state.KeepRunningBatch(Batch))
    if (calls_callbacks(instance, Batch, &sum) != WM_OK || sum != Batch)
      std::abort();
}
BENCHMARK(callBack);

static void callWithTimeLimit(benchmark::State &state) {
  Instance instance;
  int32_t sum = 0;
  for (auto _ : state) {
    wm_time_limit limit;
    if (wm_limit_begin(&limit, instance, 1'000'000'000) != WM_OK ||
        Typed(instance, sum, 1, &sum) != WM_OK)
      std::abort();
    wm_limit_end(&limit);
  }
}
BENCHMARK(callWithTimeLimit);

static void trap(benchmark::State &state) {
  Instance instance;
  for (auto _ : state)
    if (calls_trap(instance) != WM_TRAPPED)
      std::abort();
}
BENCHMARK(trap);

BENCHMARK_MAIN();
