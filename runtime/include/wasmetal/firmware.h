// What hosts in firmware, on Cortex-M, have beside the C API of wasmetal.h,
// with modules that --memory mpu protects.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// For hosts that have handlers of faults: called by those of HardFault,
/// MemManage, BusFault and UsageFault with what the processor has pushed. True:
/// compiled code trapped; the handler has to return from the exception at once.
/// False: the fault is somebody else's.
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
