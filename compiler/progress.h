// How far the compiler is, on a terminal, for modules that take a while. A
// module of 75 MB takes minutes: silence would look like a hang.
#pragma once

#include <chrono>
#include <cstdint>

namespace wasmetal {

class Progress {
public:
  Progress();
  /// Erases what was shown.
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Bytes of function bodies compiled, of all. Not called concurrently.
  void update(uint64_t done, uint64_t total);
  /// Before anything else is written to standard error.
  void erase();

private:
  using Clock = std::chrono::steady_clock;
  bool terminal;
  bool shown = false;
  Clock::time_point start;
  Clock::time_point next; // when to show the next state
};

} // namespace wasmetal
