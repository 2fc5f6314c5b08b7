# How the libraries of the SDK are built and installed: one kind at a time, static, or shared with
# BUILD_SHARED_LIBS, as gRPC, protobuf and Abseil do it.
#
# Components: `runtime` (shared libraries), `development` (headers, static libraries, what find_package
# and pkg-config read), `protos` (for other languages), `cli`, `server`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(COMMUNIQUE_PROTO_DIR ${CMAKE_INSTALL_DATADIR}/communique/proto)
set(COMMUNIQUE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/communique)
# google/rpc/*.pb.h stand apart: another package may have its own beside ours.
set(COMMUNIQUE_THIRD_PARTY_DIR ${CMAKE_INSTALL_INCLUDEDIR}/communique/third_party)

# communique_sdk_library(TARGET NAME): communique::NAME, here and where it is installed.
function(communique_sdk_library target name)
  add_library(communique::${name} ALIAS ${target})
  # A minor version may change the ABI, so it is in the name of the library.
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    POSITION_INDEPENDENT_CODE ON
    DEFINE_SYMBOL ""
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    INSTALL_RPATH $ORIGIN)
  if(BUILD_SHARED_LIBS)
    set(map ${PROJECT_BINARY_DIR}/exports.map)
    configure_file(${PROJECT_SOURCE_DIR}/client/package/exports.map.in ${map} @ONLY)
    # gRPC's targets name what gRPC needs, too; as-needed leaves what we do not call to gRPC.
    target_link_options(${target} PRIVATE LINKER:--version-script=${map} LINKER:--as-needed)
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${map})
  endif()
  if(COMMUNIQUE_INSTALL)
    install(TARGETS ${target} EXPORT communique
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  endif()
endfunction()

# communique_program(TARGET COMPONENT)
function(communique_program target component)
  if(BUILD_SHARED_LIBS)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})
  endif()
  if(COMMUNIQUE_INSTALL)
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${component})
  endif()
endfunction()

# communique_package(ABSL name ... ABSL_PRIVATE name ...)
# What find_package(communique CONFIG) and pkg-config read. The names of Abseil's libraries are those
# that the SDK links, for pkg-config.
function(communique_package)
  cmake_parse_arguments(PACKAGE "" "" "ABSL;ABSL_PRIVATE" ${ARGN})
  set(in ${PROJECT_SOURCE_DIR}/client/package)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/package)
  configure_package_config_file(${in}/communique-config.cmake.in ${out}/communique-config.cmake
    INSTALL_DESTINATION ${COMMUNIQUE_CMAKE_DIR} PATH_VARS COMMUNIQUE_PROTO_DIR)
  write_basic_package_version_file(${out}/communique-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${out}/communique-config.cmake ${out}/communique-config-version.cmake
    DESTINATION ${COMMUNIQUE_CMAKE_DIR} COMPONENT development)
  install(EXPORT communique NAMESPACE communique:: FILE communique-targets.cmake
    DESTINATION ${COMMUNIQUE_CMAKE_DIR} COMPONENT development)

  # Generated headers call protobuf and Abseil inline, so whoever uses them links those. gRPC is
  # called by the library alone: a static one leaves it to the user to link, too.
  list(TRANSFORM PACKAGE_ABSL PREPEND absl_)
  list(TRANSFORM PACKAGE_ABSL_PRIVATE PREPEND absl_)
  set(requires protobuf ${PACKAGE_ABSL})
  set(requires_private grpc++ ${PACKAGE_ABSL_PRIVATE})
  if(NOT BUILD_SHARED_LIBS)
    set(requires ${requires_private} ${requires})
    set(requires_private)
  endif()
  list(JOIN requires " " requires)
  list(JOIN requires_private " " requires_private)
  # From where the file is, so that the whole may be moved.
  file(RELATIVE_PATH prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" prefix ${prefix})
  foreach(name communique communique_mocks)
    configure_file(${in}/${name}.pc.in ${out}/${name}.pc @ONLY)
    install(FILES ${out}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
      COMPONENT development)
  endforeach()
endfunction()
