# newer.cmake - the host and the contract as a later minor version may have them.
#
# The header of today with fields appended to the structs that grow, and
# another PERI_ABI_MINOR.  Against it are built: the layers up to plugin (the
# newer host), tests of plugins, and the plugins of plugins/newer.  So an older
# plugin runs in a newer host, and a newer one in the older host.
set(newer_include ${CMAKE_CURRENT_BINARY_DIR}/newer/include)
set(contract ${CMAKE_SOURCE_DIR}/native/include/perigee)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${contract}/abi.h ${contract}/plugin.h ${contract}/dialect.h
  ${contract}/helpers.h)

function(grow text_variable struct field)
  set(text "${${text_variable}}")
  string(REPLACE "\n} ${struct};" "\n  ${field}\n} ${struct};" grown "${text}")
  if(grown STREQUAL text)
    message(FATAL_ERROR "abi.h: no struct ${struct} to grow")
  endif()
  set(${text_variable} "${grown}" PARENT_SCOPE)
endfunction()

file(READ ${contract}/abi.h newer)
string(REGEX REPLACE "(#define PERI_ABI_MINOR) [0-9]+" "\\1 99" newer "${newer}")
grow(newer peri_services "int64_t (*answer)(peri_cx *);")
grow(newer peri_chunk "uint64_t appended[4];")
grow(newer peri_poll "uint64_t appended[4];")
grow(newer peri_io "int64_t (*answer)(peri_cx *);")
grow(newer peri_counts "int64_t (*answer)(peri_cx *);")
file(CONFIGURE OUTPUT newer/include/perigee/abi.h CONTENT "${newer}" @ONLY)
foreach(header plugin dialect helpers)
  configure_file(${contract}/${header}.h newer/include/perigee/${header}.h
    COPYONLY)
endforeach()

set(sources)
foreach(layer base data plugin)
  file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/host/${layer}/*.c)
  list(APPEND sources ${more})
endforeach()
add_library(spec_newer STATIC ${sources})
target_include_directories(spec_newer PUBLIC ${newer_include}
  ${CMAKE_SOURCE_DIR}/host)
target_link_libraries(spec_newer PUBLIC Threads::Threads m ${CMAKE_DL_LIBS})

foreach(name growth load codec stage)
  set(test newer_${name}_test)
  add_executable(${test} plugin/${name}_test.c plugin/world.c)
  target_compile_definitions(${test} PRIVATE
    PERIGEE_NATIVE_DIR="${CMAKE_BINARY_DIR}/native"
    PERIGEE_SPEC_PLUGINS="${spec_plugins}")
  target_link_libraries(${test} PRIVATE spec_check spec_newer)
  add_test(NAME newer/${name} COMMAND ${test})
endforeach()

add_spec_plugins(plugins/newer ${newer_include} ${spec_plugins})
