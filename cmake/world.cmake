# The simulator (tests/world) compiles the driver's sources again, optimised whatever the preset says, because it runs them with thousands
# of seeds. Apart from base/ they are listed here; a source that is not listed is not part of the simulation.
set(world_driver
    mechanic/conflict mechanic/endings mechanic/landing mechanic/landing_beside mechanic/landing_request mechanic/model_waits mechanic/outcome mechanic/progress mechanic/state_words mechanic/step mechanic/task mechanic/verdict
    config/co_authors config/deploy_rules config/text forge/place git/scp_form
    queue/tasks
    service/access service/begin_turn service/discards service/landings service/orders service/repository_choices service/tasks
    worker/dispatcher worker/expire worker/journal worker/task_run)
list(TRANSFORM world_driver PREPEND ${CMAKE_SOURCE_DIR}/src/)
list(TRANSFORM world_driver APPEND .cpp)
file(GLOB world_base CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/base/*.cpp)
list(FILTER world_base EXCLUDE REGEX "_test\\.cpp$")
file(GLOB world_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/world/*.cpp)
add_executable(world_test ${world_base} ${world_driver} ${world_sources})
target_include_directories(world_test PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
target_compile_options(world_test PRIVATE -O2)
target_link_libraries(world_test PRIVATE persais_foreign GTest::gtest GTest::gtest_main)
target_precompile_headers(world_test PRIVATE ${CMAKE_SOURCE_DIR}/cmake/foreign.hpp)
add_test(NAME world COMMAND world_test)
set_tests_properties(world PROPERTIES LABELS simulator TIMEOUT 600)

# One test suite for the store and its model (tests/contract).
file(GLOB contract_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/contract/*.cpp)
add_executable(contract_test ${contract_sources}
  ${CMAKE_SOURCE_DIR}/tests/world/store_model.cpp ${CMAKE_SOURCE_DIR}/tests/world/store_checks.cpp
  ${CMAKE_SOURCE_DIR}/tests/world/store_model_lane.cpp ${CMAKE_SOURCE_DIR}/tests/world/model_tasks.cpp)
target_include_directories(contract_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(contract_test PRIVATE persais_queue persais_pgserver GTest::gtest GTest::gtest_main)
target_precompile_headers(contract_test REUSE_FROM persais_base)
add_test(NAME contract COMMAND contract_test)
set_tests_properties(contract PROPERTIES LABELS simulator TIMEOUT 600 ENVIRONMENT "PERSAIS_BIN=${CMAKE_BINARY_DIR}/bin")

# The chat's simulator (tests/chat_world) runs the real parts on a real PostgreSQL, whose clock is simulated.
file(GLOB chat_world_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/chat_world/*.cpp)
add_executable(chat_world_test ${chat_world_sources})
target_include_directories(chat_world_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(chat_world_test PRIVATE persais_app GTest::gtest GTest::gtest_main)
target_precompile_headers(chat_world_test REUSE_FROM persais_base)
add_test(NAME chat_world COMMAND chat_world_test)
set_tests_properties(chat_world PROPERTIES LABELS simulator TIMEOUT 600 ENVIRONMENT "PERSAIS_BIN=${CMAKE_BINARY_DIR}/bin")
