# One file, one test: every *.py of a folder, named for the behaviour.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(wasmetal_add_script_test name timeout)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${ARGN})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${timeout}
    ENVIRONMENT "WASMETAL=$<TARGET_FILE:wasmetal>;PYTHONDONTWRITEBYTECODE=1;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support")
endfunction()

# The same test with what it compiles for another target, under QEMU.
function(wasmetal_test_for_target target prefix timeout)
  foreach(stem ${ARGN})
    set(name ${prefix}.${stem}.${target})
    wasmetal_add_script_test(${name} ${timeout}
      ${CMAKE_CURRENT_SOURCE_DIR}/${stem}.py)
    set_property(TEST ${name} APPEND PROPERTY
      ENVIRONMENT "WASMETAL_TARGET=${target}")
  endforeach()
endfunction()

function(wasmetal_glob_script_tests prefix timeout)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.py)
  foreach(script ${scripts})
    get_filename_component(stem ${script} NAME_WE)
    wasmetal_add_script_test(${prefix}.${stem} ${timeout} ${script})
  endforeach()
endfunction()
