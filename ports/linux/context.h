// Where a signal interrupted a thread: the processor's part.
#pragma once

#if defined(__x86_64__)
#include "ports/linux/x86_64/context.h"
#elif defined(__aarch64__)
#include "ports/linux/aarch64/context.h"
#elif defined(__riscv)
#include "ports/linux/riscv64/context.h"
#else
#error "no signal context for this processor"
#endif
