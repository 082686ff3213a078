// What the end of an agent's program means, with programs that stand in for it.
#include "coder/aider.hpp"
#include "sandbox/testing.hpp"

using namespace persais;
using namespace persais::coder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace testing_sandbox = persais::sandbox::testing;

namespace {

constexpr sandbox::memory_plan small{.parallel = 1, .task_bytes = 96UL << 20, .all_bytes = 400UL << 20};

report agent_that_runs(const std::string& python) {
    testing_sandbox::temporary_folder folder;
    auto chosen = testing_sandbox::on_a_loop(sandbox::choose(true, small));
    fs::create_directories(folder.path() / "env/bin");
    fs::create_symlink("/usr/bin/python3", folder.path() / "env/bin/python");
    fs::create_directory(folder.path() / "agent");
    std::ofstream(folder.path() / "agent/run.py") << python;
    sandbox::view view{.tree = folder.path() / "tree", .home = folder.path() / "home", .tools = {}};
    view.tools = {folder.path() / "env", folder.path() / "agent"};
    for (const auto& own : {view.tree, view.home}) {
        fs::create_directory(own);
        chosen.use->hand_over(own, view.slot);
    }
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    return testing_sandbox::on_a_loop(run_agent(*chosen.use, view, {folder.path() / "env", view.tools[1] / "run.py"},
                                                {}, {.total = 20s, .idle = 20s, .last_sign = {}}, {}));
}

} // namespace

TEST(agent, that_eats_memory_is_told_in_one_sentence_that_names_the_limit) {
    auto said = agent_that_runs("x = [bytearray(b'x' * (1 << 20)) for i in range(300)]\nimport time; time.sleep(5)\n");
    EXPECT_EQ(said.how, ending::timed_out); // stopped at one of its limits; the work so far is kept
    EXPECT_TRUE(said.reason.starts_with("The agent used more than 96 MiB of memory and was ended;")) << said.reason;
}

TEST(agent, that_is_killed_by_somebody_else_is_not_said_to_have_eaten_memory) {
    auto said = agent_that_runs("import os; os.kill(os.getpid(), 9)\n");
    EXPECT_EQ(said.how, ending::crashed);
    EXPECT_EQ(said.reason, "The agent's program was killed by signal 9.");
}
