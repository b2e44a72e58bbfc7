# How every file here is compiled.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(lucid_compile INTERFACE)
# Members left out of a designated initializer have their defaults: that is what they are for.
target_compile_options(lucid_compile INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                               -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 at -O2 warns of std::variant's unused alternatives and of std::string's own copies (its bugs
  # 105562 and 105651). The sanitizers of the dev preset see what these would have seen.
  target_compile_options(lucid_compile INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                                                 -Wno-array-bounds)
endif()
if(LUCID_WERROR)
  target_compile_options(lucid_compile INTERFACE -Werror)
endif()
if(LUCID_SANITIZE)
  add_compile_options(-fsanitize=${LUCID_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LUCID_SANITIZE})
  # GCC 12 sees uninitialized variants everywhere once sanitizers are in (its bug 105562).
  target_compile_options(lucid_compile INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(LUCID_SANITIZE MATCHES undefined AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # A quarter of GCC's time would go into these three. clang looks for them, on the same code, under
  # the fuzz targets and their corpora; and AddressSanitizer sees what null pointers do.
  add_compile_options(-fno-sanitize=null,alignment,vptr)
endif()
if(LUCID_FUZZ)
  # A third of clang's time would go into object-size, whose findings are AddressSanitizer's as well.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=object-size)
endif()

# The standard headers that most files here include. clang-tidy reads each file without them, which
# finds the one that forgot to include what it uses (scripts/check).
set(lucid_std_headers <algorithm> <array> <charconv> <chrono> <cstdint> <cstdio> <cstring> <deque> <expected>
                      <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <utility>
                      <variant> <vector>)
if(LUCID_PRECOMPILE)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "// Carries headers; has no code of its own.\n")
  add_library(lucid_std OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(lucid_std PRIVATE lucid_compile)
  target_precompile_headers(lucid_std PRIVATE ${lucid_std_headers})
endif()
function(precompile_for target)
  if(LUCID_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM lucid_std)
  endif()
endfunction()
