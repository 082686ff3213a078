# What each entry of ctest costs in seconds of CPU, by itself: `python3 tests/structure/costs.py --measure NAME` tells. The first line that
# fits its name counts. ctest begins with the dearest entry and runs as many at once as weigh what its -j says, which is twice the number
# of cores (Makefile): an entry weighs two, one that `waits` most of its time weighs one, and one that is `wide` works on several cores.
set(test_costs
  "kills 120 wide"
  "agent 70"
  "faults.kills 20"
  "faults.errors 20"
  "faults.stories 40 waits"
  "git 40"
  "chat_world 35"
  "e2e.replay 30"
  "telegram* 8"
  "e2e.doctor 20"
  "e2e_kills 20"
  "e2e.tasks 18"
  "store 18 waits"
  "pgserver 18"
  "queue 16"
  "e2e.serve 16 waits"
  "e2e.telegram_* 10"
  "e2e.turns 12"
  "llm 12"
  "image.demo 10"
  "sandbox 10 waits"
  "e2e.* 6 waits"
  "contract 6"
  "ops 4"
  "doctor 4"
  "fakes.telegram.peer 4"
  "fakes.* 2"
  "structure.* 2"
  "deploy.* 2"
  "image.* 2"
  "world 3"
  "worker 2"
  "service 2"
  "app 1"
  "base 1"
  "checks 1"
  "cli 1"
  "coder 1"
  "config 1"
  "forge 1"
  "http 1"
  "i18n 1"
  "mechanic 1"
)

get_property(entries DIRECTORY PROPERTY TESTS)
foreach(entry IN LISTS entries)
  set(cost "")
  foreach(line IN LISTS test_costs)
    string(REPLACE " " ";" fields "${line}")
    list(GET fields 0 name)
    string(REPLACE "." "[.]" pattern "${name}")
    string(REPLACE "*" ".*" pattern "${pattern}")
    if(entry MATCHES "^${pattern}$")
      list(GET fields 1 cost)
      set(weight 2)
      if("waits" IN_LIST fields)
        set(weight 1)
      elseif("wide" IN_LIST fields)
        set(weight 3)
      endif()
      set_tests_properties(${entry} PROPERTIES COST ${cost} PROCESSORS ${weight})
      break()
    endif()
  endforeach()
  if(cost STREQUAL "")
    message(FATAL_ERROR "The test ${entry} has no line in cmake/test_costs.cmake: what does it cost? (CONTRIBUTING, \"How long\")")
  endif()
endforeach()
