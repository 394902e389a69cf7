# How everything in Koble is compiled: the language, the flags on which determinism rests, the warnings, the sanitizers.
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  find_program(KOBLE_CCACHE ccache)
  if(KOBLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER "${KOBLE_CCACHE}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${KOBLE_CCACHE}")
  endif()
endif()

# Everything compiled in this project links koble_flags. -ffp-contract=off: a fused multiply-add rounds once where two
# operations round twice, so that the same source would give other last bits on another machine or at another -O.
add_library(koble_flags INTERFACE)
target_compile_options(koble_flags INTERFACE
  -ffp-contract=off -fno-fast-math
  $<$<CONFIG:Release>:-O2>
  -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
target_link_libraries(koble_flags INTERFACE koble_warnings)

# g++ clears what has more than 96 bytes, events and contacts among them, with `rep stos`, whose start alone takes some thirty cycles: a tenth of a
# command (docs/performance.md). Stores of 16 bytes do the same.
include(CheckCXXCompilerFlag)
set(plain_stores -mmemset-strategy=vector_loop:256:noalign,libcall:-1:noalign)
check_cxx_compiler_flag(${plain_stores} KOBLE_HAS_PLAIN_STORES)
if(KOBLE_HAS_PLAIN_STORES)
  target_compile_options(koble_flags INTERFACE $<$<CONFIG:Release>:${plain_stores}>)
endif()

add_library(koble_warnings INTERFACE)
target_compile_options(koble_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${KOBLE_WERROR}>:-Werror>
  # g++ 12 reports false positives of these inside std::string at -O2 (GCC bugs 105329, 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-error=maybe-uninitialized -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread>)

if(KOBLE_SANITIZE)
  target_compile_options(koble_flags INTERFACE
    -fsanitize=${KOBLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(koble_flags INTERFACE -fsanitize=${KOBLE_SANITIZE})
endif()

# The files of a room as one, where KOBLE_UNITY says so: what is in their anonymous namespaces must then differ. Builds that are for running tests
# only do it; those by which a file's own includes are judged do not.
#   koble_unite(TARGET FILE...)   rooms are folders; in tests/unit, files whose names begin with the same word
function(koble_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(file IN LISTS ARGN)
    get_filename_component(folder "${file}" DIRECTORY)
    get_filename_component(room "${folder}" NAME)
    if(room STREQUAL "unit")
      get_filename_component(name "${file}" NAME_WE)
      string(REGEX REPLACE "_.*" "" word "${name}")
      string(APPEND room "_${word}")
    endif()
    set_source_files_properties("${file}" PROPERTIES UNITY_GROUP "${room}")
  endforeach()
endfunction()

# The folders of the tree are added where they exist and have something to build.
function(koble_add_folder folder)
  if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt")
    add_subdirectory("${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/${folder}")
  endif()
endfunction()
