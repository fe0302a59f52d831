// Faults. One counts as a trap only when this thread is in guest code, the
// instruction belongs to compiled code and the address to a memory of the same
// store; or when the thread is on the guest's stack and met its guard. Every
// other fault goes to whoever handled it before.
// The sandbox rests on this file.
#include "ports/linux/fault.h"
#include "runtime/layout.h"

static bool isIn(const void *address, const void *begin, const void *end) {
  return address >= begin && address < end;
}

bool isGuestCode(const wm_store *store, const void *pc) {
  for (wm_instance *i = store->instances; i; i = i->next)
    if (isIn(pc, i->module->code_begin, i->module->code_end))
      return true;
  return false;
}

static bool isGuestMemory(const wm_store *store, const uint8_t *address) {
  for (wm_instance *i = store->instances; i; i = i->next)
    for (uint32_t m = 0; m < i->module->num_memories; ++m) {
      const wm_memory *memory = memoryAt(i, m);
      if (memory &&
          isIn(address, memory->base, memory->base + memory->reserved))
        return true;
    }
  return false;
}

static wm_trap_code classify(const wm_store *store, const Context &context,
                             const siginfo_t *info) {
  auto *address = static_cast<const uint8_t *>(info->si_addr);
  // Also in the runtime's functions that guest code calls on its own stack: how
  // deep it is, the guest decides. The host has a stack of its own.
  const uint8_t *guard = store->stack_low - store->stack_guard;
  if (isIn(address, guard, store->stack_low) &&
      isIn(context.stack(), guard, store->stack_high))
    return WM_TRAP_stack_exhausted;
  // What compiled code accesses without alignment is memory.
  if (isGuestCode(store, context.pc()) &&
      (isGuestMemory(store, address) || context.isEmulated(info)))
    return WM_TRAP_memory_bounds;
  return WM_TRAP_none;
}

bool handleFault(wm_thread *self, const siginfo_t *info, Context context) {
  wm_activation *activation = self->activation;
  bool is_fault = info->si_code > 0; // and not sent by somebody
  if (!activation || !is_fault)
    return false;
  wm_trap_code trap = classify(activation->store, context, info);
  if (trap == WM_TRAP_none)
    return false;
  activation->trap_pc = context.pc();
  context.unwind(activation, trap);
  return true;
}
