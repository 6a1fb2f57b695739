# Of tinydl, a user gets C++20 and libraries: no flags, no definitions. stranger.cpp has an unused
# variable, so it does not compile where our warnings reach it.
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
add_executable(stranger ${CMAKE_CURRENT_LIST_DIR}/stranger.cpp)
target_link_libraries(stranger PRIVATE tinydl::tinydl)

foreach(property INTERFACE_COMPILE_OPTIONS INTERFACE_COMPILE_DEFINITIONS INTERFACE_LINK_OPTIONS)
  get_target_property(value tinydl::tinydl ${property})
  if(value)
    message(FATAL_ERROR "tinydl::tinydl leaks ${property}: ${value}")
  endif()
endforeach()
