# Tests that are scripts. Sanitizers do not affect them, so they run only in builds without.
function(persais_script_test name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 1200 SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;PERSAIS_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()

if(NOT PERSAIS_SANITIZE)
  set(python /usr/bin/python3) # Debian's own, as in scripts/setup
  foreach(name includes rules states verdicts settings single queries size words limits phrases documents translated front cancellation coroutines parsers said benches mutations)
    persais_script_test(structure.${name} structure ${python} tests/structure/${name}.py)
  endforeach()
  foreach(name globals costs)
    persais_script_test(structure.${name} structure ${python} tests/structure/${name}.py ${CMAKE_BINARY_DIR})
  endforeach()

  file(GLOB fakes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fakes/*/test_*.py)
  foreach(fake ${fakes})
    cmake_path(GET fake STEM name)
    string(REGEX REPLACE "^test_" "" name ${name})
    cmake_path(GET fake PARENT_PATH folder)
    cmake_path(GET folder FILENAME folder)
    persais_script_test(fakes.${folder}.${name} fakes ${python} ${fake})
  endforeach()

  # Tests of the deployment (deploy/, fly.toml, pipelines) and of the user's checklist.
  file(GLOB deploys CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/deploy/test_*.py ${CMAKE_SOURCE_DIR}/tests/checklist/test_*.py)
  foreach(program ${deploys})
    cmake_path(GET program STEM name)
    string(REGEX REPLACE "^test_" "" name ${name})
    persais_script_test(deploy.${name} deploy ${python} ${program})
  endforeach()

  if(EXISTS ${CMAKE_SOURCE_DIR}/agent/tests/run.sh)
    persais_script_test(agent agent bash agent/tests/run.sh)
  endif()

  persais_script_test(image.files image ${python} tests/image/files_test.py)
  persais_script_test(image.demo image ${python} tests/image/demo_test.py)

  file(GLOB stories CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/test_*.py)
  foreach(story ${stories})
    cmake_path(GET story STEM module)
    string(REGEX REPLACE "^test_" "" name ${module})
    persais_script_test(e2e.${name} e2e ${python} tests/e2e/run.py ${module})
  endforeach()
  persais_script_test(escape escape ${python} tests/escape/run.py)
  persais_script_test(escape.verdict escape ${python} tests/escape/test_verdict.py)
  persais_script_test(e2e_kills kills ${python} tests/e2e/run.py kills)
  # 40 kill points, ten of them with aider; `make nightly` has 10,000.
  persais_script_test(kills kills ${python} tests/kills/run.py)
  persais_script_test(faults.kills faults ${python} tests/e2e/run.py every_index.Some)
  persais_script_test(faults.errors faults ${python} tests/e2e/run.py every_error.Some)
  persais_script_test(faults.stories faults ${python} tests/e2e/run.py faults)
  # End-to-end and replay tests are programs that need the service's binary: tests/e2e/*_test.py, tests/replay/*_test.py
  file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/*_test.py ${CMAKE_SOURCE_DIR}/tests/replay/*_test.py)
  foreach(program ${programs})
    cmake_path(GET program STEM name)
    string(REGEX REPLACE "_test$" "" name ${name})
    persais_script_test(e2e.${name} e2e ${python} ${program})
  endforeach()
endif()
