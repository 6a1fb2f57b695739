include(CMakeFindDependencyMacro)
find_dependency(Eigen3)
find_dependency(Threads)

# For tinydl::io and tinydl::gz only.
find_package(nlohmann_json QUIET)
find_package(ZLIB QUIET)

include(${CMAKE_CURRENT_LIST_DIR}/tinydlTargets.cmake)
