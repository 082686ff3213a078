// What the end of an agent's program means; other programs play its part.
#include "coder/aider.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/testing.hpp"

using namespace persais;
using namespace persais::coder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace testing_sandbox = persais::sandbox::testing;

namespace {

constexpr sandbox::memory_plan small{.parallel = 1, .task_bytes = 96UL << 20, .all_bytes = 400UL << 20};

/// Runs this Python program in place of the wrapper.
report agent_that_runs(const std::string& python, const listener& tell = {}) {
    temp_dir folder;
    auto chosen = testing_sandbox::on_a_loop(sandbox::choose(true, small, {}, {}, {.bytes = 64UL << 20}));
    fs::create_directories(folder.path() / "env/bin");
    fs::create_symlink("/usr/bin/python3", folder.path() / "env/bin/python");
    fs::create_directory(folder.path() / "agent");
    std::ofstream(folder.path() / "agent/run.py") << python;
    sandbox::view place{.tree = folder.path() / "tree", .home = folder.path() / "home"};
    for (const auto& own : {place.tree, place.home}) {
        fs::create_directory(own);
        chosen.use->hand_over(own, place.slot);
    }
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    aider agent(*chosen.use, {folder.path() / "env", folder.path() / "agent/run.py"},
                [] { return aider_options{.weak_model = "a/small", .edit_format = "whole"}; });
    return testing_sandbox::on_a_loop(agent.run(
        {.place = place, .instruction = "do it", .limits = {.total = 20s, .idle = 20s, .last_sign = {}}}, tell));
}

} // namespace

TEST(agent, that_eats_memory_is_told_in_one_sentence_that_names_the_limit) {
    auto said = agent_that_runs("x = [bytearray(b'x' * (1 << 20)) for i in range(300)]\nimport time; time.sleep(5)\n");
    EXPECT_EQ(said.how, ending::timed_out); // stopped at one of its limits; the work so far is kept
    EXPECT_TRUE(said.reason.starts_with("The agent used more than 96 MiB of memory and was ended;")) << said.reason;
}

TEST(agent, that_fills_the_disk_is_told_in_one_sentence_that_names_the_limit) {
    auto said = agent_that_runs("for n in range(100): open(str(n), 'wb').write(bytes(4 << 20))\n"
                                "import time; time.sleep(15)\n");
    EXPECT_EQ(said.how, ending::out_of_disk);
    EXPECT_EQ(said.reason,
              "The agent used more than 64 MB of disk and was ended; what it had changed is kept. A larger "
              "TASK_DISK_MB gives each task more.");
}

TEST(agent, that_is_killed_by_somebody_else_is_not_said_to_have_eaten_memory) {
    auto said = agent_that_runs("import os; os.kill(os.getpid(), 9)\n");
    EXPECT_EQ(said.how, ending::crashed);
    EXPECT_EQ(said.reason, "The agent's program was killed by signal 9.");
}

TEST(agent, is_given_its_job_and_heard_line_by_line) {
    std::vector<std::string> heard;
    auto said =
        agent_that_runs("import json, os, sys\n"
                        "job = json.load(sys.stdin)\n"
                        "def say(**words): print(json.dumps(words), flush=True)\n"
                        "say(event='progress', kind='other', subject=job['instruction'] + ' ' + job['edit_format'])\n"
                        "say(event='text', text=job['weak_model'])\n"
                        "print('x' * 3000000)\n"
                        "say(event='progress', kind='other', subject=str(os.getcwd() == job['tree']))\n"
                        "say(event='result', verdict='answered', answer='so')\n",
                        {.progress = [&](const mechanic::progress& doing) { heard.push_back(doing.subject); },
                         .text = [&](std::string_view words) { heard.emplace_back(words); }});
    EXPECT_EQ(heard, (std::vector<std::string>{"do it whole", "a/small", "True"}));
    EXPECT_EQ(said.how, ending::answered) << said.reason;
    EXPECT_EQ(said.answer, "so");
}

TEST(agent, that_prints_without_end_is_stopped_by_a_listener_that_throws) {
    listener tell{.progress = [](const mechanic::progress&) { throw std::runtime_error("lease lost"); }, .text = {}};
    EXPECT_THROW(agent_that_runs("import time\n"
                                 "print('{\"event\":\"progress\",\"kind\":\"other\",\"subject\":\"x\"}', flush=True)\n"
                                 "time.sleep(60)\n",
                                 tell),
                 std::runtime_error);
}
