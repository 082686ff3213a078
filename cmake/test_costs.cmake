# The cost of each entry of ctest, run alone: seconds of CPU and, where it mostly waits, the seconds until it ends (`python3
# tests/structure/costs.py --measure NAME` prints both). The first line that matches its name counts. ctest begins with the longest, and
# runs as many at once as their weights allow: the sum is at most its -j, which is twice the number of cores (Makefile). An entry weighs
# two, one that mostly waits weighs one, and one that is `wide`, because it uses several cores, weighs three.
set(test_costs
  "faults.stories 32 140"
  "kills 110 wide"
  "e2e.telegram_deaths 12 110"
  "agent 40"
  "escape 60 wide"
  "escape.verdict 1"
  "store 13 60"
  "e2e.telegram_idle 3 110"
  "e2e_kills 20 50"
  "e2e.serve 15 50"
  "e2e.door 25 wide"
  "sandbox 26 90"
  "git 66"
  "chat_world 35"
  "e2e.world 3 35"
  "e2e.turns 12 30"
  "e2e.model 11 25"
  "e2e.money 7 40"
  "e2e.team 5 30"
  "e2e.doctor 20"
  "faults.kills 18"
  "pgserver 16"
  "queue 18"
  "memory 8"
  "e2e.tasks 16"
  "e2e.memory 10"
  "e2e.deploy 25"
  "e2e.deploy_away 4 40"
  "e2e.deploy_beside 25 40"
  "e2e.deploy_conflicts 19"
  "e2e.deploy_guard 9 30"
  "e2e.deploy_forge 3 20"
  "e2e.deploy_moving 10"
  "e2e.deploy_refusals 20"
  "e2e.request 14 45"
  "e2e.request_gitlab 4 20"
  "e2e.forge_intake 4 20"
  "e2e.backup 11 27"
  "e2e.layered_trees 16 40"
  "telegram.dialog 15"
  "llm 17"
  "faults.errors 12"
  "e2e.replay 12"
  "e2e.telegram_intake 12"
  "e2e.first_hour 12 40"
  "e2e.ssh 10"
  "e2e.signing 10"
  "image.demo 10"
  "e2e.history 9"
  "e2e.terminal 16"
  "e2e.checks 12"
  "e2e.repositories 6"
  "e2e.rotation 9"
  "e2e.reseal 9 20"
  "e2e.leaving 7"
  "e2e.credentials 7"
  "e2e.leaks 4"
  "e2e.readme_chat 8"
  "config 1 6"
  "contract 6"
  "fakes.agent.contract 5"
  "fakes.telegram.peer 4"
  "ops 4"
  "service 6"
  "fakes.model.edits 2"
  "world 3"
  "api 5"
  "e2e.api 10 30"
  "e2e.api_page 5 15"
  "deploy.check 3"
  "backup 9"
  "worker 4"
  "doctor 2"
  "egress 3"
  "app 18"
  "base 1"
  "checks 1"
  "leaks 2"
  "cli 1"
  "coder 3 15"
  "forge 1"
  "http 1"
  "i18n 1"
  "mechanic 1"
  "fakes.github.peer 3"
  "fakes.github.* 2"
  "fakes.gitlab.peer 3"
  "fakes.gitlab.* 2"
  "fakes.git_http.lfs 2"
  "fakes.git_http.* 5"
  "e2e.telegram_attachments 5"
  "e2e.telegram_flood 5"
  "e2e.telegram_requests 3 12"
  "e2e.telegram_* 8"
  "structure.documents 1"
  "structure.translated 1"
  "structure.* 2"
  "telegram.* 8"
  "deploy.* 1"
  "image.* 2"
  "fakes.* 1"
  "e2e.* 4"
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
      list(POP_FRONT fields name cost more)
      set(weight 2)
      if(more STREQUAL "wide")
        set(weight 3)
      elseif(more)
        set(weight 1)
        set(cost ${more})
      endif()
      set_tests_properties(${entry} PROPERTIES COST ${cost} PROCESSORS ${weight})
      break()
    endif()
  endforeach()
  if(cost STREQUAL "")
    message(FATAL_ERROR "The test ${entry} has no line in cmake/test_costs.cmake: what does it cost? (CONTRIBUTING, \"How long\")")
  endif()
endforeach()
