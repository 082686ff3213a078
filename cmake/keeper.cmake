# The keeper: one small static program between the service and each child (src/sandbox/keeper_main.cpp).
# It runs inside sandboxes whose root may hold no library at all, so it links nothing dynamically.
if(EXISTS ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp)
  add_executable(persais-keeper ${CMAKE_SOURCE_DIR}/src/sandbox/keeper_main.cpp)
  target_include_directories(persais-keeper PRIVATE ${CMAKE_SOURCE_DIR}/src)
  # Sanitizers cannot be linked statically; the keeper is built without them in every preset.
  target_compile_options(persais-keeper PRIVATE -fno-sanitize=all -fno-exceptions -O2)
  target_link_options(persais-keeper PRIVATE -static -fno-sanitize=all)
  # Whatever runs children needs it beside itself, tests too.
  add_dependencies(persais_sandbox persais-keeper)
endif()
