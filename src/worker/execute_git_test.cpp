#include "git/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "worker/command_executor.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
namespace fs = std::filesystem;

namespace {

/// Records what is handed over while the loop is blocked, and what beside the loop.
struct noting_backend final : sandbox::backend {
    mutable std::vector<std::string> blocking, beside;
    sandbox::isolation_level level() const override { return sandbox::isolation_level::unsafe; }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view&) const override { return spec; }
    void hand_over(const fs::path& folder, unsigned) const override { blocking.push_back(folder.filename()); }
    awaitable<void> hand_over_beside(fs::path folder, unsigned) const override {
        beside.push_back(folder.filename());
        co_return;
    }
    std::string inside(const sandbox::view&, const fs::path& host) const override { return host.string(); }
};

struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

/// Runs do_prepare in a data folder of its own, and returns its event.
mechanic::event prepare_with(mechanic::task t, bool tree, const noting_backend& backend, const fs::path& root,
                             const config::settings& settings = {}) {
    fs::create_directories(root / "tasks");
    system_clock time;
    toolchain tools;
    observer tell;
    std::optional<mechanic::event> happened;
    git::testing::on_a_loop<void>([&]() -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        store::pool db(executor, {.url = secret("postgresql://127.0.0.1:1/none")}); // never used
        queue::pg_tasks tasks(db, "me", std::chrono::seconds(10));
        llm::gateway gateway(executor, db, time, {}, {});
        service::remote_tokens tokens;
        no_agent agent; // never used
        http::client web(executor);
        dependencies with{.settings = settings,
                          .time = time,
                          .leases = tasks,
                          .requests = tasks,
                          .gateway = gateway,
                          .backend = backend,
                          .agent = agent,
                          .tokens = tokens,
                          .web = web,
                          .gateway_socket = root / "none",
                          .mirrors = root / "mirrors",
                          .workspaces = root / "tasks"};
        local_executor worker(with, tell, tools, t.id, fence{1});
        happened = co_await worker.execute(t, mechanic::prepare{.tree = tree}, "[]");
        gateway.close();
        db.close();
    }());
    return *happened;
}

} // namespace

TEST(prepare, hands_the_tree_over_beside_the_loop_whatever_its_size) {
    git::testing::world repository;
    noting_backend backend;
    mechanic::task t{.id = {7}, .what = {.remote = repository.remote_path().string(), .instruction = "mend it"}};
    auto happened = prepare_with(t, true, backend, repository.folder.path() / "data");
    EXPECT_TRUE(std::holds_alternative<mechanic::prepared>(happened)) << happened.index();
    EXPECT_EQ(backend.beside, std::vector<std::string>{"tree"});
    EXPECT_EQ(backend.blocking, std::vector<std::string>{"home"}) << "an empty folder of ours";
}

TEST(prepare, of_work_that_had_only_to_be_pushed_and_is_lost_makes_a_tree_to_do_it_again_in) {
    git::testing::world repository;
    noting_backend backend;
    mechanic::task t{.id = {7}, .what = {.remote = repository.remote_path().string(), .instruction = "mend it"}};
    t.known.base = repository.base;
    t.known.made = mechanic::work{std::string(40, 'd'), {}, 0}; // on a disk that this machine does not have
    t.known.decided = mechanic::verdict::ready;
    auto happened = prepare_with(t, false, backend, repository.folder.path() / "data");
    auto* done = std::get_if<mechanic::prepared>(&happened);
    ASSERT_TRUE(done) << happened.index();
    EXPECT_FALSE(done->has_work);
    EXPECT_EQ(backend.beside, std::vector<std::string>{"tree"});
}

TEST(prepare, of_a_later_turn_reads_the_addresses_of_what_a_tree_holds_from_the_base) {
    using git::testing::shell;
    // Both are found without a network: nothing is in LFS, and the submodule is not to be fetched.
    git::testing::world repository(
        "printf 'submodules = true\nlfs = true\n' > .persais.toml; echo a > a.txt;"
        "git config -f .lfsconfig lfs.url https://github.com/team/files;"
        "git config -f .gitmodules submodule.lib.path lib; git config -f .gitmodules submodule.lib.update none;"
        "git init -q lib; git -C lib commit -q --allow-empty -m l; git -c advice.addEmbeddedRepo=false add lib");
    auto spoilt = shell(repository.folder.path(), "cd person; git rm -q .gitmodules .lfsconfig; git commit -qm w;"
                                                  "git push -q ../remote.git HEAD:refs/heads/mechanic/7-mend;"
                                                  "git rev-parse HEAD");
    noting_backend backend;
    mechanic::task t{.id = {7}, .what = {.remote = repository.remote_path().string(), .instruction = "put them back"}};
    t.known.base = repository.base;
    t.known.base_branch = "main";
    t.known.branch = "mechanic/7-mend";
    t.known.turn = 1;
    config::settings settings;
    settings.fetch_hosts = "github.com";
    t.known.stands = mechanic::standing{.made = {spoilt, {}, 0}};
    auto happened = prepare_with(t, true, backend, repository.folder.path() / "data", settings);
    auto* trouble = std::get_if<mechanic::remote_trouble>(&happened);
    ASSERT_TRUE(std::holds_alternative<mechanic::prepared>(happened)) << (trouble ? trouble->sentence : "");
}
