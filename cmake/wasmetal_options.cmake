# What every target of the host side is compiled with.
add_library(wasmetal_options INTERFACE)
target_include_directories(wasmetal_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(wasmetal_options INTERFACE
  -Wall -Wextra -Wno-unused-parameter -fno-exceptions -fno-rtti)
if(WASMETAL_WERROR)
  target_compile_options(wasmetal_options INTERFACE -Werror)
endif()
if(WASMETAL_SANITIZE)
  # LLVM's shared library is not instrumented: container checks across the
  # boundary would report what is no error, and vptr needs RTTI.
  target_compile_options(wasmetal_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr
    -fno-sanitize-recover=undefined)
  target_link_options(wasmetal_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr)
endif()

# LLVM's headers are system headers: their warnings are not ours.
add_library(wasmetal_llvm INTERFACE)
target_include_directories(wasmetal_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_link_libraries(wasmetal_llvm INTERFACE LLVM)
