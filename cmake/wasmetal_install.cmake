# What an installation has, and the packages made of it: an archive that can be
# unpacked anywhere, and one for Debian.
include(CMakePackageConfigHelpers)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS wasmetal RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/wasmetal DESTINATION lib)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/runtime/include/wasmetal
  DESTINATION include)
write_basic_package_version_file(
  ${CMAKE_BINARY_DIR}/wasmetal-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_SOURCE_DIR}/cmake/wasmetal-config.cmake
  ${CMAKE_BINARY_DIR}/wasmetal-config-version.cmake
  DESTINATION lib/cmake/wasmetal)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md
  DESTINATION share/doc/wasmetal)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION share/doc/wasmetal)

set(CPACK_PACKAGE_VENDOR "wasmetal")
set(CPACK_PACKAGE_CONTACT "wasmetal <wasmetal@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "Ahead-of-time compiler from WebAssembly to native code")
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_STRIP_FILES OFF) # guests are linked with what lies in lib
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
include(CPack)
