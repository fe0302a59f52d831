# Assembles the test suite's scripts into one folder of modules; scripts that
# wast2json does not know are left out.
#   cmake -DTESTSUITE=... -DOUTPUT=... -DWAST2JSON=... -P make_corpus.cmake
file(REMOVE_RECURSE ${OUTPUT})
file(GLOB scripts ${TESTSUITE}/*.wast)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  if(name MATCHES "^simd")
    continue()
  endif()
  file(MAKE_DIRECTORY ${OUTPUT}/${name})
  execute_process(
    COMMAND ${WAST2JSON} --enable-extended-const ${script}
      -o ${OUTPUT}/${name}/${name}.json
    OUTPUT_QUIET ERROR_QUIET)
endforeach()
