# A room is one folder of the house: a static library named selfsight_<room>.

# The same code generation everywhere, so that one precompiled header serves all.
add_compile_options(-fPIC)
add_compile_definitions(_GLIBCXX_USE_CXX11_ABI=1)
if(SELFSIGHT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(SELFSIGHT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header changes its time stamp at every configure; ccache must not mind.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

# Its links take a quarter of the time of GNU ld's, and there are more than a hundred.
find_program(GOLD ld.gold)
if(GOLD)
  add_link_options(-fuse-ld=gold)
endif()

# Warnings are errors, on our own code only.
function(selfsight_flags target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
  # GCC 12 sees overlaps in std::string concatenation that are not there (its bug 105651).
  target_compile_options(${target} PRIVATE -Wno-restrict)
  # A unity build includes the .cpp that a class is private to, and GCC takes it for a header.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  if(SELFSIGHT_SANITIZE)  # what the sanitizers add makes it see values without a beginning
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  # A precompiled header cannot tell its system headers apart once it is restored.
  target_compile_options(${target} PRIVATE -Winvalid-pch)
endfunction()

# AUTOMOC looks again when a file that it knows changes, but not when a glob finds a new one.
function(selfsight_moc_when_listed target)
  get_target_property(sources ${target} SOURCES)
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_sources.txt)
  set(before "")
  if(EXISTS ${list})
    file(READ ${list} before)
  endif()
  if(NOT before STREQUAL "${sources}")
    file(WRITE ${list} "${sources}")
    file(REMOVE ${CMAKE_CURRENT_BINARY_DIR}/${target}_autogen/timestamp)
  endif()
endfunction()

# One moc for a test, without AUTOMOC: that costs a process and an empty unit for each of them. It
# is not told where headers are, as it would read all of torch's for the sake of one class.
function(selfsight_test_moc target source)
  get_filename_component(stem ${source} NAME_WE)
  set(moc ${CMAKE_CURRENT_BINARY_DIR}/${stem}.moc)
  qt_generate_moc(${source} ${moc})
  target_sources(${target} PRIVATE ${moc})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

# selfsight_room(name [TORCH] [LINK lib...]) builds every .cpp of the current folder.
function(selfsight_room name)
  cmake_parse_arguments(ROOM "TORCH" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(NOT sources)  # a room that is still empty
    set(sources ${CMAKE_SOURCE_DIR}/cmake/torch_pch.cpp)
  endif()
  add_library(selfsight_${name} STATIC ${sources})
  target_link_libraries(selfsight_${name} PUBLIC ${ROOM_LINK})
  if(ROOM_TORCH)
    target_link_libraries(selfsight_${name} PRIVATE selfsight_torch)
    target_precompile_headers(selfsight_${name} REUSE_FROM selfsight_torch)
  endif()
  selfsight_flags(selfsight_${name})
endfunction()

# selfsight_tests(room [TORCH] [GUI] [LONG what...] [LINK lib...]): the test_*.cpp of the current
# folder are the suites of one program, test_<room>, and each is one CTest test, named room/what.
# Those of the window run again on a dense screen of a German desktop; the long ones that LONG names
# only with `ctest -C Long`.
function(selfsight_tests room)
  cmake_parse_arguments(TEST "TORCH;GUI" "" "LINK;LONG" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS test_*.cpp)
  set(target test_${room})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/tests/suite.cpp ${sources})
  target_link_libraries(${target} PRIVATE ${TEST_LINK} Qt6::Test)
  if(TEST_GUI)
    target_link_libraries(${target} PRIVATE Qt6::Widgets)
  endif()
  if(TEST_TORCH)
    target_link_libraries(${target} PRIVATE selfsight_torch)
    target_precompile_headers(${target} REUSE_FROM selfsight_torch)
  endif()
  selfsight_flags(${target})
  target_compile_options(${target} PRIVATE -O1)  # what it calls is optimised, it need not be
  # Threads that wait by spinning take the cores from whatever else runs on the machine.
  set(environment QT_QPA_PLATFORM=offscreen "QT_LOGGING_RULES=qt.qpa.*=false" OMP_WAIT_POLICY=passive)
  # An LC_ALL that is set would win over the others.
  set(dense_german LC_ALL= QT_SCALE_FACTOR=2 LANG=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "^test_" "" what ${stem})
    selfsight_test_moc(${target} ${source})
    add_test(NAME ${room}/${what} COMMAND ${target} ${what})
    set_tests_properties(${room}/${what} PROPERTIES
      ENVIRONMENT "${environment};LC_ALL=C.UTF-8"
      LABELS "$<IF:$<BOOL:${TEST_GUI}>,gui,core>" TIMEOUT 300)
    if(TEST_GUI)
      set(when "")
      if(what IN_LIST TEST_LONG)
        set(when CONFIGURATIONS Long)
      endif()
      add_test(NAME ${room}/${what}/dense-german COMMAND ${target} ${what} ${when})
      set_tests_properties(${room}/${what}/dense-german PROPERTIES
        ENVIRONMENT "${environment};${dense_german}" LABELS gui TIMEOUT 300)
    endif()
  endforeach()
endfunction()

# selfsight_embed(target folder header function): the TOML files of a folder travel inside the
# program, as what `function` of `header` gives: (name, text).
function(selfsight_embed target folder header function)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.toml)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  set(body "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND body "    {\"${name}\", R\"toml(${text})toml\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${embedded} @ONLY CONTENT [[
#include "@header@"

namespace selfsight {

const std::vector<std::pair<std::string, std::string>>& @function@() {
  static const std::vector<std::pair<std::string, std::string>> texts{
@body@  };
  return texts;
}

}  // namespace selfsight
]])
  target_sources(${target} PRIVATE ${embedded})
endfunction()
