include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/tinydl)

install(TARGETS tinydl tinydl_io tinydl_gz EXPORT tinydlTargets FILE_SET HEADERS)
install(EXPORT tinydlTargets NAMESPACE tinydl:: DESTINATION ${package_dir})

write_basic_package_version_file(${PROJECT_BINARY_DIR}/tinydlConfigVersion.cmake
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES
  ${PROJECT_SOURCE_DIR}/cmake/tinydlConfig.cmake
  ${PROJECT_BINARY_DIR}/tinydlConfigVersion.cmake
  DESTINATION ${package_dir})
