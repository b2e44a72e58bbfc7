# add_module(NAME SOURCES ... [HEADERS ...] [DEPS lucid::other ...] [PKGS pkg-config-name ...]
#            [LIBRARIES target-or-library ...] [LINK_FLAGS flag ...])
#
# Makes the static library lucid::NAME, its installation, its CMake component and its lucid-NAME.pc.
# PKGS are linked privately: their headers never appear in a header of ours. When a package or a
# module below is missing, the module is left out with one line that says what to install. LINK_FLAGS
# reach whatever is linked with the module.
find_package(PkgConfig REQUIRED)

function(add_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPS;PKGS;LIBRARIES;LINK_FLAGS" ${ARGN})
  if(LUCID_ONLY AND NOT name IN_LIST LUCID_ONLY)
    return()
  endif()
  foreach(dep IN LISTS arg_DEPS)
    if(NOT TARGET ${dep})
      message(STATUS "lucid: ${name} is off: it needs ${dep}")
      return()
    endif()
  endforeach()
  set(packages "")
  foreach(package IN LISTS arg_PKGS)
    string(MAKE_C_IDENTIFIER "pkg_${package}" id)
    pkg_check_modules(${id} QUIET IMPORTED_TARGET GLOBAL ${package})
    if(NOT ${id}_FOUND)
      message(STATUS "lucid: ${name} is off: pkg-config finds no ${package} (see scripts/packages.txt)")
      return()
    endif()
    list(APPEND packages PkgConfig::${id})
  endforeach()

  set(target lucid_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(lucid::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} OUTPUT_NAME lucid-${name})
  target_compile_features(${target} PUBLIC cxx_std_23)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${LUCID_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  precompile_for(${target})
  target_link_libraries(${target} PUBLIC ${arg_DEPS}
                                  PRIVATE ${packages} ${arg_LIBRARIES} $<BUILD_INTERFACE:lucid_compile>)
  target_link_options(${target} INTERFACE ${arg_LINK_FLAGS})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  # Plain libraries among LIBRARIES stand in the .pc file as they are.
  set(flags ${arg_LIBRARIES})
  list(FILTER flags INCLUDE REGEX "^-l")
  install_module(${name} "${arg_DEPS}" "${arg_PKGS}" "${arg_LINK_FLAGS};${flags}")
endfunction()

function(install_module name deps pkgs flags)
  install(TARGETS lucid_${name} EXPORT lucid-${name}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lucid)
  install(EXPORT lucid-${name} NAMESPACE lucid:: FILE lucid-${name}-targets.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lucid)

  string(REPLACE "lucid::" "" needs "${deps}")
  file(WRITE ${PROJECT_BINARY_DIR}/package/lucid-${name}-needs.cmake
       "set(lucid_needs ${needs})\nset(lucid_pkgs ${pkgs})\n")
  # There are archives only, so whoever links one links what it stands on, --static or not.
  list(TRANSFORM needs PREPEND "lucid-")
  string(REPLACE ";" " " requires "${needs};${pkgs}")
  string(REPLACE ";" " " flags "${flags}")
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  file(WRITE ${PROJECT_BINARY_DIR}/package/lucid-${name}.pc
       "prefix=\${pcfiledir}/${up}\n"
       "Name: lucid-${name}\nDescription: ${PROJECT_DESCRIPTION}: ${name}\n"
       "Version: ${PROJECT_VERSION}\nRequires: ${requires}\n"
       "Cflags: -I\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}/lucid\n"
       "Libs: -L\${prefix}/${CMAKE_INSTALL_LIBDIR} -llucid-${name} ${flags}\n")
  install(FILES ${PROJECT_BINARY_DIR}/package/lucid-${name}-needs.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lucid)
  install(FILES ${PROJECT_BINARY_DIR}/package/lucid-${name}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

function(install_lucid_package)
  include(CMakePackageConfigHelpers)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/lucidConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/lucidConfig.cmake
                ${PROJECT_BINARY_DIR}/package/lucidConfigVersion.cmake
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lucid)
endfunction()
