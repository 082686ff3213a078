# The keeper: one small static program between the service and each child (src/sandbox/keeper_main.cpp). It is statically linked, because it
# runs inside sandboxes whose root may contain no library at all.
if(EXISTS ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp)
  add_executable(persais-keeper ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp)
  target_include_directories(persais-keeper PRIVATE ${CMAKE_SOURCE_DIR}/src)
  # Sanitizers cannot be linked statically, so the keeper is built without them in every preset.
  target_compile_options(persais-keeper PRIVATE -fno-sanitize=all -fno-exceptions -O2)
  target_link_options(persais-keeper PRIVATE -static -fno-sanitize=all)
  # Every program that runs children needs the keeper in its own folder, also the tests.
  add_dependencies(persais_sandbox persais-keeper)
endif()
