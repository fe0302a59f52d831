// The C API for C++17: the same things with destructors, exceptions and
// functions of any kind. Nothing else is hidden: every class gives the C
// object that it wraps, and the typed functions of a module's header take an
// Instance as it is.
//
//   wasmetal::Imports imports;
//   imports.function("host", "log", [](wm_instance *, int32_t code) { ... });
//   wasmetal::Instance app(app_module, std::move(imports));
//   int32_t sum;
//   app.check(app_add(app, 5, 37, &sum));
//   sum = app.call<int32_t>("add", 5, 37);
#pragma once

#include <wasmetal/wasmetal.h>

#include <array>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace wasmetal {

/// What went wrong. A trap is one of them.
class Error : public std::runtime_error {
public:
  explicit Error(const wm_error &error)
      : std::runtime_error(error.message), error(error) {}
  wm_status status() const { return error.status; }
  wm_trap_code trap() const { return error.trap; }
  int exitCode() const { return error.exit_code; }

private:
  wm_error error;
};

/// An exception of a guest's that no handler took; what a function of the host
/// throws so that its guest may catch it.
class Exception : public Error {
public:
  explicit Exception(const wm_error &error)
      : Error(error), exceptionTag(wm_exception_tag(error.exception)) {
    uint32_t count;
    const wm_value *first = wm_exception_values(error.exception, &count);
    payload.assign(first, first + count);
  }
  explicit Exception(const wm_tag *tag, std::vector<wm_value> values = {})
      : Error(thrown()), exceptionTag(tag), payload(std::move(values)) {}

  /// The same for the same exported tag.
  const wm_tag *tag() const { return exceptionTag; }
  /// One for each parameter of the tag.
  const std::vector<wm_value> &values() const { return payload; }

private:
  static wm_error thrown() {
    wm_error error = {};
    error.status = WM_THROWN;
    std::string_view("exception").copy(error.message, sizeof(error.message));
    return error;
  }
  const wm_tag *exceptionTag;
  std::vector<wm_value> payload;
};

namespace detail {

[[noreturn]] inline void fail(const wm_error &error) {
  if (error.status == WM_THROWN)
    throw Exception(error);
  throw Error(error);
}

inline void check(wm_status status, const char *what) {
  if (status == WM_OK)
    return;
  wm_error error = {};
  error.status = status;
  std::string_view(what).copy(error.message, sizeof(error.message) - 1);
  throw Error(error);
}

template <typename T> constexpr wm_kind kindOf() {
  if constexpr (std::is_same_v<T, float>)
    return WM_F32;
  else if constexpr (std::is_same_v<T, double>)
    return WM_F64;
  else if constexpr (std::is_same_v<T, wm_function *>)
    return WM_FUNCREF;
  else if constexpr (std::is_pointer_v<T>)
    return WM_EXTERNREF;
  else {
    static_assert(std::is_integral_v<T> && (sizeof(T) == 4 || sizeof(T) == 8),
                  "int32_t, int64_t, float, double or a pointer");
    return sizeof(T) == 4 ? WM_I32 : WM_I64;
  }
}

template <typename T> T get(const wm_value &value) {
  switch (constexpr wm_kind kind = kindOf<T>(); kind) {
  case WM_I32:
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(value.i32);
    break;
  case WM_I64:
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(value.i64);
    break;
  case WM_F32:
    if constexpr (std::is_floating_point_v<T>)
      return value.f32;
    break;
  case WM_F64:
    if constexpr (std::is_floating_point_v<T>)
      return value.f64;
    break;
  default:
    if constexpr (std::is_pointer_v<T>)
      return static_cast<T>(value.ref);
  }
  return T();
}

template <typename T> wm_value put(T from) {
  wm_value value = {};
  if constexpr (std::is_same_v<T, float>)
    value.f32 = from;
  else if constexpr (std::is_same_v<T, double>)
    value.f64 = from;
  else if constexpr (std::is_pointer_v<T>)
    value.ref = from;
  else if constexpr (kindOf<T>() == WM_I32)
    value.i32 = static_cast<int32_t>(from);
  else
    value.i64 = static_cast<int64_t>(from);
  return value;
}

/// A function of the host with its signature: what a callback's context is.
struct Callable {
  virtual ~Callable() = default;
  virtual void call(wm_instance *instance, const wm_value *params,
                    wm_value *results) = 0;
  std::vector<wm_kind> params, results;
};

/// No exception of C++ may pass through guest code: it becomes a trap with its
/// text, or an exception of the guest's.
inline wm_status callBack(void *context, wm_instance *instance,
                          const wm_value *params, wm_value *results) {
  try {
    static_cast<Callable *>(context)->call(instance, params, results);
    return WM_OK;
  } catch (const Exception &thrown) {
    return wm_throw(instance, thrown.tag(), thrown.values().data(),
                    static_cast<uint32_t>(thrown.values().size()));
  } catch (const std::exception &failure) {
    return wm_fail(instance, failure.what());
  } catch (...) {
    return wm_fail(instance, "an exception of unknown type");
  }
}

template <typename F, typename R, typename... Args>
class CallableOf final : public Callable {
public:
  explicit CallableOf(F function) : function(std::move(function)) {
    params = {kindOf<Args>()...};
    if constexpr (!std::is_void_v<R>)
      results = {kindOf<R>()};
  }
  void call(wm_instance *instance, const wm_value *values,
            wm_value *out) override {
    invoke(instance, values, out, std::index_sequence_for<Args...>());
  }

private:
  template <size_t... I>
  void invoke(wm_instance *instance, const wm_value *values, wm_value *out,
              std::index_sequence<I...>) {
    (void)values;
    (void)out;
    if constexpr (std::is_void_v<R>)
      function(instance, get<Args>(values[I])...);
    else
      out[0] = put<R>(function(instance, get<Args>(values[I])...));
  }
  F function;
};

template <typename F, typename R, typename C, typename... Args>
std::unique_ptr<Callable> wrap(F function,
                               R (C::*)(wm_instance *, Args...) const) {
  return std::make_unique<CallableOf<F, R, Args...>>(std::move(function));
}

template <typename F, typename R, typename C, typename... Args>
std::unique_ptr<Callable> wrap(F function, R (C::*)(wm_instance *, Args...)) {
  return std::make_unique<CallableOf<F, R, Args...>>(std::move(function));
}

template <typename F> std::unique_ptr<Callable> wrap(F function) {
  return wrap(std::move(function), &F::operator());
}

} // namespace detail

/// A linear memory. Every access is checked against its size.
class Memory {
public:
  explicit Memory(wm_memory *memory) : memory(memory) {}
  operator wm_memory *() const { return memory; }

  uint64_t size() const { return wm_memory_size(memory); }
  /// Valid for size() bytes, which only grow.
  uint8_t *data() const { return wm_memory_data(memory); }
  void extend(uint64_t pages) {
    detail::check(wm_memory_extend(memory, pages), "the memory cannot grow");
  }
  void read(uint64_t address, void *to, uint64_t size) const {
    detail::check(wm_memory_read(memory, address, to, size), Beyond);
  }
  void write(uint64_t address, const void *from, uint64_t size) {
    detail::check(wm_memory_write(memory, address, from, size), Beyond);
  }
  template <typename T> T get(uint64_t address) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    read(address, &value, sizeof(value));
    return value;
  }
  template <typename T> void set(uint64_t address, const T &value) {
    static_assert(std::is_trivially_copyable_v<T>);
    write(address, &value, sizeof(value));
  }
  /// `size` bytes as a string.
  std::string text(uint64_t address, uint64_t size) const {
    if (size > this->size())
      detail::check(WM_OUT_OF_RANGE, Beyond);
    std::string result(size, 0);
    read(address, result.data(), size);
    return result;
  }
  /// Text that ends with a zero byte.
  std::string text(uint64_t address) const {
    for (uint64_t room = 256;; room *= 2) {
      std::string result(room, 0);
      wm_status status = wm_memory_string(memory, address, result.data(), room);
      if (status == WM_NO_MEMORY)
        continue; // longer than that
      detail::check(status, Beyond);
      result.resize(std::char_traits<char>::length(result.c_str()));
      return result;
    }
  }

private:
  static constexpr const char *Beyond = "beyond the end of the memory";
  wm_memory *memory;
};

/// What an instance is given. Functions take the calling instance, then their
/// parameters; what they throw is a trap of the guest's, or an Exception.
class Imports {
public:
  template <typename F>
  Imports &function(std::string module, std::string name, F function) {
    auto callable = detail::wrap(std::move(function));
    list.push_back({std::move(module), std::move(name), callable.get(), {}});
    callables.push_back(std::move(callable));
    return *this;
  }
  Imports &add(std::string module, std::string name, wm_external value) {
    list.push_back({std::move(module), std::move(name), nullptr, value});
    return *this;
  }

private:
  friend class Instance;
  struct Import {
    std::string module, name;
    detail::Callable *callable;
    wm_external value;
  };
  std::vector<Import> list;
  std::vector<std::unique_ptr<detail::Callable>> callables;
};

/// An instance, and the functions of the host that it was given: in a store
/// that others share, it has to outlive their calls.
class Instance {
public:
  explicit Instance(const wm_module &module, Imports imports = {},
                    wm_options options = {})
      : callables(std::move(imports.callables)) {
    std::vector<wm_import> list;
    for (const Imports::Import &import : imports.list)
      list.push_back({import.module.c_str(), import.name.c_str(),
                      import.callable ? detail::callBack : nullptr,
                      import.callable, import.value});
    options.size = sizeof(options);
    options.imports = list.data();
    options.num_imports = static_cast<uint32_t>(list.size());
    wm_error error;
    if (wm_instance_create(&module, &options, &instance, &error) != WM_OK)
      detail::fail(error);
  }
  ~Instance() { wm_instance_destroy(instance); }
  Instance(Instance &&other) noexcept
      : instance(std::exchange(other.instance, nullptr)),
        callables(std::move(other.callables)) {}
  Instance &operator=(Instance &&other) noexcept {
    std::swap(instance, other.instance);
    std::swap(callables, other.callables);
    return *this;
  }

  operator wm_instance *() const { return instance; }

  /// Throws unless a typed function succeeded.
  void check(wm_status status) const {
    if (status == WM_OK)
      return;
    if (status == WM_BUSY)
      detail::check(status, "the instance is in use by another thread");
    detail::fail(*wm_last_error(instance));
  }

  Memory memory(uint32_t index = 0) const {
    wm_memory *found = wm_instance_memory(instance, index);
    detail::check(found ? WM_OK : WM_NOT_FOUND, "no such memory");
    return Memory(found);
  }

  wm_external find(const char *name) const {
    wm_external found;
    detail::check(wm_instance_export(instance, name, &found) ? WM_OK
                                                             : WM_NOT_FOUND,
                  "no such export");
    return found;
  }

  /// Calls an export by its name: call<int32_t>("add", 5, 37).
  template <typename R = void, typename... Args>
  R call(const char *name, Args... args) {
    wm_external found = find(name);
    detail::check(found.kind == WM_FUNCTION ? WM_OK : WM_NOT_FOUND,
                  "no such function");
    return call<R>(found.function, args...);
  }

  /// Calls a reference to a function, of a table for example.
  template <typename R = void, typename... Args>
  R call(const wm_function *function, Args... args) {
    std::array<wm_value, sizeof...(Args) + 1> values = {detail::put(args)...};
    constexpr std::array<wm_kind, sizeof...(Args) + 1> given = {
        detail::kindOf<Args>()...};
    constexpr uint32_t numResults = std::is_void_v<R> ? 0 : 1;
    const wm_kind *params, *results;
    uint32_t numParams, numFound;
    wm_function_kinds(function, &params, &numParams, &results, &numFound);
    bool fits = numParams == sizeof...(Args) && numFound == numResults;
    for (uint32_t i = 0; fits && i < numParams; ++i)
      fits = params[i] == given[i];
    if constexpr (numResults)
      fits = fits && results[0] == detail::kindOf<R>();
    detail::check(fits ? WM_OK : WM_REFUSED,
                  "the function has other parameters or results");
    wm_error error;
    if (wm_function_call(function, values.data(), sizeof...(Args),
                         values.data(), numResults, &error) != WM_OK)
      detail::fail(error);
    if constexpr (numResults)
      return detail::get<R>(values[0]);
  }

  /// A function that can stand in tables; it lives as long as the store.
  template <typename F> wm_function *makeFunction(F function) {
    auto callable = detail::wrap(std::move(function));
    wm_function *result;
    wm_error error;
    if (wm_function_create(instance, callable->params.data(),
                           static_cast<uint32_t>(callable->params.size()),
                           callable->results.data(),
                           static_cast<uint32_t>(callable->results.size()),
                           detail::callBack, callable.get(), &result,
                           &error) != WM_OK)
      throw Error(error);
    callables.push_back(std::move(callable));
    return result;
  }

private:
  wm_instance *instance = nullptr;
  std::vector<std::unique_ptr<detail::Callable>> callables;
};

} // namespace wasmetal
