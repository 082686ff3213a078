# The keeper: one small static program between the service and each child (src/sandbox/keeper_main.cpp). It is statically linked, because it
# runs inside sandboxes whose root may contain no library at all. Its filter of system calls is made by libseccomp here, when it is built.
if(EXISTS ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp)
  find_library(SECCOMP seccomp REQUIRED)
  set(filter ${CMAKE_BINARY_DIR}/generated/sandbox/syscall_filter.inc)
  add_executable(persais-syscall-filter ${CMAKE_SOURCE_DIR}/src/sandbox/syscall_filter_main.cpp)
  target_link_libraries(persais-syscall-filter PRIVATE ${SECCOMP})
  target_compile_options(persais-syscall-filter PRIVATE -fno-sanitize=all)
  target_link_options(persais-syscall-filter PRIVATE -fno-sanitize=all)
  set_target_properties(persais-syscall-filter PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/made)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/sandbox)
  add_custom_command(OUTPUT ${filter} COMMAND persais-syscall-filter > ${filter}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${filter}.new ${filter} DEPENDS persais-syscall-filter VERBATIM)

  # What a clone is held to is made of these; the keeper and the library that it came from have to be of one making (keeper/clone_protocol.hpp).
  file(GLOB walls CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/sandbox/keeper/*.hpp)
  list(APPEND walls ${CMAKE_SOURCE_DIR}/src/sandbox/limits.hpp ${filter})
  set(build ${CMAKE_BINARY_DIR}/generated/sandbox/clone_build.inc)
  add_custom_command(OUTPUT ${build} COMMAND cat ${walls} | sha256sum | sed "s/^\\(........\\).*/0x\\1U/" > ${build}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${build}.new ${build} DEPENDS ${walls} VERBATIM)

  add_executable(persais-keeper ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp ${filter} ${build})
  target_include_directories(persais-keeper PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated/sandbox)
  # Sanitizers cannot be linked statically, so the keeper is built without them in every preset.
  target_compile_options(persais-keeper PRIVATE -fno-sanitize=all -fno-exceptions -O2)
  target_link_options(persais-keeper PRIVATE -static -fno-sanitize=all)
  # The same code for an interpreter whose clones enter sandboxes; it needs nothing but the C library.
  add_library(persais-clone MODULE ${CMAKE_SOURCE_DIR}/src/sandbox/clone_library_main.cpp ${filter} ${build})
  target_include_directories(persais-clone PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated/sandbox)
  target_compile_options(persais-clone PRIVATE -fno-sanitize=all -fno-exceptions -fno-threadsafe-statics -fvisibility=hidden -fPIC -O2)
  target_link_options(persais-clone PRIVATE -fno-sanitize=all -nostdlib++)
  set_target_properties(persais-clone PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  # Every program that runs children needs the keeper in its own folder, also the tests.
  add_dependencies(persais_sandbox persais-keeper persais-clone)
  if(TARGET sandbox_test)
    target_include_directories(sandbox_test PRIVATE ${CMAKE_BINARY_DIR}/generated/sandbox)
  endif()
endif()
