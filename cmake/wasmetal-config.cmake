# find_package(wasmetal): the command, the API's headers, and
#
#   wasmetal_add_object(target app.wasm
#     [NAME name] [MEMORY strategy] [OPTIMIZE level] [IMPORTS symbol|table]
#     [OPTIONS option...])
#
# compiles a module (.wasm or .wat) into an object of `target`, which can then
# include "<name>.h". NAME is the prefix of the module's functions in C; by
# default it comes from the file's name. Everything is found from this file's
# own place: the installation can be moved.
get_filename_component(wasmetal_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.."
  ABSOLUTE)
if(NOT TARGET wasmetal::wasmetal)
  add_executable(wasmetal::wasmetal IMPORTED)
  set_target_properties(wasmetal::wasmetal PROPERTIES
    IMPORTED_LOCATION "${wasmetal_PREFIX}/bin/wasmetal")
  add_library(wasmetal::api INTERFACE IMPORTED)
  set_target_properties(wasmetal::api PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${wasmetal_PREFIX}/include")
endif()

function(wasmetal_add_object target module)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME;MEMORY;OPTIMIZE;IMPORTS"
    "OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "wasmetal_add_object: unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(module "${module}" ABSOLUTE)
  if(NOT arg_NAME)
    get_filename_component(arg_NAME "${module}" NAME_WLE)
    string(MAKE_C_IDENTIFIER "${arg_NAME}" arg_NAME)
  endif()
  set(options --name "${arg_NAME}" ${arg_OPTIONS})
  if(arg_MEMORY)
    list(APPEND options --memory "${arg_MEMORY}")
  endif()
  if(DEFINED arg_OPTIMIZE)
    list(APPEND options "-O${arg_OPTIMIZE}")
  endif()
  if(arg_IMPORTS)
    list(APPEND options --imports "${arg_IMPORTS}")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/wasmetal/${target}")
  file(MAKE_DIRECTORY "${folder}")
  set(object "${folder}/${arg_NAME}.o")
  set(header "${folder}/${arg_NAME}.h")
  add_custom_command(OUTPUT "${object}" "${header}"
    COMMAND wasmetal::wasmetal "${module}" -o "${object}" --header "${header}"
      ${options}
    DEPENDS "${module}" wasmetal::wasmetal
    COMMENT "Compiling ${arg_NAME} with wasmetal"
    VERBATIM)
  set_source_files_properties("${object}" PROPERTIES
    EXTERNAL_OBJECT TRUE GENERATED TRUE)
  target_sources(${target} PRIVATE "${object}" "${header}")
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE wasmetal::api)
endfunction()
