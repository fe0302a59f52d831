# Cortex-M: one bitcode for all of them, which each compilation makes code of
# for its processor; beside it, for each target, what images are linked with.
file(GLOB cortex_m CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/ports/cortex_m/*.cpp)
file(GLOB cortex_m_library CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/ports/cortex_m/board/*.cpp
  ${CMAKE_SOURCE_DIR}/ports/cortex_m/libc/*.cpp)
file(GLOB cortex_m_boards CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/ports/cortex_m/boards/*.board)
set(common_of_all ${common_sources})
# There is one instance, which ports/cortex_m/instance.cpp starts.
list(REMOVE_ITEM common_sources ${CMAKE_SOURCE_DIR}/runtime/instance.cpp)
# There are no files.
file(GLOB streams CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/libc_backing/streams/*.cpp)
foreach(name fd_table wasi_fd wasi_io wasi_path wasi_poll wasi_sock wasi_state)
  list(REMOVE_ITEM common_sources ${CMAKE_SOURCE_DIR}/libc_backing/${name}.cpp)
endforeach()
wasmetal_add_runtime(cortex_m-thumb
  STRATEGIES check mask none mpu
  PORT ${cortex_m} ${streams}
  FLAGS --target=thumbv7m-none-eabi -Os -fno-PIC -Wno-atomic-alignment
  LIBC ${CMAKE_SOURCE_DIR}/ports/cortex_m/firmware.ld ${cortex_m_boards}
  BITCODE_ONLY)
set(common_sources ${common_of_all})

find_program(WASMETAL_ARM_GCC NAMES arm-none-eabi-gcc REQUIRED)

# For a row of targets.def, in a folder of its name: libgcc.a, and libport.a
# with what a host may have functions of its own for.
function(wasmetal_add_cortex_m target cpu float)
  set(folder ${CMAKE_BINARY_DIR}/lib/wasmetal/cortex_m-thumb/${target})
  set(object_folder ${CMAKE_CURRENT_BINARY_DIR}/cortex_m/${target})
  file(MAKE_DIRECTORY ${folder} ${object_folder})
  set(processor -mcpu=${cpu} -mthumb -mfloat-abi=${float})
  execute_process(
    COMMAND ${WASMETAL_ARM_GCC} ${processor} -print-libgcc-file-name
    OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  set(objects)
  foreach(source ${cortex_m_library})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/ports/cortex_m ${source})
    string(REPLACE / _ name ${name})
    add_custom_command(OUTPUT ${object_folder}/${name}.o
      COMMAND ${WASMETAL_CLANG} --target=arm-none-eabi ${processor}
        ${freestanding_flags} -Os -fno-PIC -fno-builtin -ffunction-sections
        -fdata-sections -I${CMAKE_SOURCE_DIR} -Wno-atomic-alignment
        -c ${source} -o ${object_folder}/${name}.o
      DEPENDS ${source}
      COMMENT "Compiling ${name} for ${target}"
      VERBATIM)
    list(APPEND objects ${object_folder}/${name}.o)
  endforeach()
  add_custom_command(OUTPUT ${folder}/libport.a
    COMMAND ${CMAKE_COMMAND} -E rm -f ${folder}/libport.a
    COMMAND ${WASMETAL_LLVM_AR} rcs ${folder}/libport.a ${objects}
    DEPENDS ${objects}
    VERBATIM)
  add_custom_command(OUTPUT ${folder}/libgcc.a
    COMMAND ${CMAKE_COMMAND} -E copy ${libgcc} ${folder}/libgcc.a
    DEPENDS ${libgcc}
    VERBATIM)
  add_custom_target(wasmetal_${target} ALL
    DEPENDS ${folder}/libport.a ${folder}/libgcc.a)
  add_dependencies(wasmetal_runtimes wasmetal_${target})
endfunction()
wasmetal_add_cortex_m(cortex-m0 cortex-m0 soft)
wasmetal_add_cortex_m(cortex-m0plus cortex-m0plus soft)
wasmetal_add_cortex_m(cortex-m3 cortex-m3 soft)
wasmetal_add_cortex_m(cortex-m4 cortex-m4 hard)
wasmetal_add_cortex_m(cortex-m4-nofp cortex-m4 soft)
wasmetal_add_cortex_m(cortex-m7 cortex-m7 hard)
wasmetal_add_cortex_m(cortex-m7-nofp cortex-m7 soft)
wasmetal_add_cortex_m(cortex-m33 cortex-m33 hard)
wasmetal_add_cortex_m(cortex-m33-nofp cortex-m33 soft)
wasmetal_add_cortex_m(cortex-m55 cortex-m55 hard)
