// What hosts in firmware, on Cortex-M, have beside the C API of wasmetal.h. A
// frame is what the processor pushes when an exception begins, r0 first, on the
// stack that bit 2 of lr tells (clear: MSP).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Stops what wm_interrupt asked to be stopped, if the interrupt whose handler
/// calls this came upon compiled code: true, and the call into the guest ends
/// with WM_TRAP_interrupted when the handler returns. False: there is nothing
/// to stop; or it is in a function of the host or of the runtime, which is
/// followed by a look at the request, but for short ones: a handler that comes
/// regularly, as that of SysTick, asks again each time.
bool wm_handle_interrupt(uint32_t *frame);

/// For hosts that have handlers of faults, and modules that --memory mpu
/// protects: called by those of HardFault, MemManage, BusFault and UsageFault.
/// True: compiled code trapped; the handler has to return from the exception at
/// once. False: the fault is somebody else's. What preempts those handlers must
/// not enter guest code: the fault's status would be gone.
bool wm_handle_fault(uint32_t *frame);

/// Makes [base, base + size) what unprivileged accesses may read and write;
/// nothing if the size is 0. False: no region is like that, and then none is
/// left. libport.a has one that takes the memory protection unit for its own,
/// and its last region. A host that uses the unit defines this function itself:
/// called before guest code is entered and when it has been left, or grown.
/// Privileged code must keep its access to everything that modules and the host
/// use, and the unit stay enabled, in handlers of NMI and HardFault too.
bool port_set_region(void *base, uint64_t size);

#ifdef __cplusplus
}
#endif
