#include "git/first_clone.hpp"
#include "git/leftovers.hpp"
#include "git/testing.hpp"
#include "queue/testing_table.hpp"
#include "worker/housekeeping.hpp"

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

struct keeping : queue::testing::table {
    temp_dir folder;
    fs::path mirrors = folder.path() / "mirrors";
    std::unique_ptr<sandbox::backend> backend = git::testing::this_machines_backend();

    /// A mirror with the work of a task, and what a kill left of a fetch.
    git::layout mirror(const std::string& name, task_id id) {
        git::layout at{mirrors / name};
        at.prepare();
        git::testing::write(at.incoming() / "left", "x");
        git::testing::write(at.trees() / "one/state", git::boot_id() + "base\n");
        git::testing::write(old_setup(at) / "tree/file", "x");
        git::testing::write(half_checkout(at) / "tree/file", "x");
        git::testing::write(half_history(at) / "git/HEAD", "x");
        git::testing::shell(at.folder, "git init -q --bare git; cd git; git update-ref refs/persais/tasks/" + id.str() +
                                           "/work $(git commit-tree $(git mktree < /dev/null) -m work)");
        return at;
    }
    static fs::path old_setup(const git::layout& at) { return at.trees() / "one/setups/setup-1"; }
    static fs::path half_checkout(const git::layout& at) { return at.trees() / "half"; }
    static fs::path half_history(const git::layout& at) { return at.histories() / "half"; }
    static bool is_swept(const git::layout& at) { return !fs::exists(at.incoming() / "left"); }
    bool has_work(const git::layout& at) {
        return !git::testing::shell(at.git(), "git for-each-ref refs/persais").empty();
    }
    /// One whose first clone was too slow, so that only its newest commits are there.
    git::layout partial_mirror() {
        auto remote = (folder.path() / "remote.git").string();
        git::testing::shell(folder.path(),
                            "git init -q --bare remote.git; cd remote.git;"
                            "git update-ref refs/heads/main $(git commit-tree $(git mktree < /dev/null) -m work);"
                            "git symbolic-ref HEAD refs/heads/main; git branch other main");
        git::mirror mirror(mirrors, git::remote{.url = remote});
        EXPECT_TRUE(git::testing::on_a_loop(mirror.refresh({}, {}, 1ms)));
        EXPECT_TRUE(mirror.is_partial());
        return {mirror.folder()};
    }
    awaitable<void> keep(store::pool& db, bool fetches_rests = false) {
        config::settings settings;
        system_clock time;
        service::remote_tokens tokens;
        no_agent agent;
        auto executor = co_await asio::this_coro::executor;
        queue::pg_tasks tasks(db, "me", 10s);
        llm::gateway gateway(executor, db, time, {}, {});
        http::client web(executor);
        worker::dependencies with{.settings = settings,
                                  .time = time,
                                  .leases = tasks,
                                  .requests = tasks,
                                  .gateway = gateway,
                                  .backend = *backend,
                                  .agent = agent,
                                  .tokens = tokens,
                                  .web = web,
                                  .gateway_socket = folder.path() / "none",
                                  .mirrors = mirrors,
                                  .workspaces = folder.path() / "tasks"};
        worker::housekeeping keeps(with, db);
        co_await keeps.run();
        if (fetches_rests) co_await keeps.fetch_rests();
        gateway.close();
    }
    static awaitable<task_id> ended(store::pool& db, state end) {
        queue::pg_tasks all(db, "me", 10s);
        auto id = co_await all.add(queue::testing::some_order());
        auto was = co_await all.load(id);
        EXPECT_TRUE(co_await all.save(*was, queue::testing::in_state(was->task, std::move(end)), false,
                                      {.outbox = {"It ended."}}));
        co_await db.query("update tasks set changed_at = changed_at - interval '91 days'");
        co_return id;
    }
};

} // namespace

TEST_F(keeping, of_what_is_done_once_a_day_nothing_is_left_out_because_one_mirror_fails) {
    with([this](store::pool& db) -> awaitable<void> {
        auto id = co_await ended(db, failed{verdict::no_change, "", "The agent changed nothing."});
        auto waits = co_await ended(db, review{queue::testing::commit, verdict::ready});
        std::vector<git::layout> whole;
        auto broken = mirror("3", id);
        for (const auto* name : {"1", "2", "4", "5"}) // one of them is found after the broken one, whatever the order
            whole.push_back(mirror(name, id));
        for (const auto& lock : {broken.tending(), broken.used(), broken.making_trees(), broken.making_history()})
            fs::create_directories(lock); // it cannot be locked
        co_await keep(db);
        for (const auto& at : whole) {
            EXPECT_TRUE(is_swept(at)) << at.folder;
            EXPECT_FALSE(has_work(at)) << at.folder;
            EXPECT_TRUE(fs::exists(at.folder / "pruned")) << at.folder << " is tended";
            EXPECT_FALSE(fs::exists(old_setup(at))) << at.folder;
            EXPECT_FALSE(fs::exists(half_checkout(at))) << at.folder;
            EXPECT_FALSE(fs::exists(half_history(at))) << at.folder;
        }
        EXPECT_FALSE(is_swept(broken));
        auto left = co_await db.query("select (select count(*) from outbox where task_id = $1), "
                                      "(select count(*) from tasks where id = $2 and state = 'review')",
                                      {id.str(), waits.str()});
        EXPECT_EQ(left.number(0, 0), 0) << "pruned";
        EXPECT_EQ(left.number(0, 1), 0) << "nobody decided on it";
    });
}

TEST_F(keeping, what_a_first_clone_left_out_is_fetched) {
    with([this](store::pool& db) -> awaitable<void> {
        auto at = partial_mirror();
        co_await keep(db);
        EXPECT_TRUE(git::is_partial(at)) << "what is done once a day waited for it";
        co_await keep(db, true);
        EXPECT_FALSE(git::is_partial(at));
        EXPECT_EQ(git::testing::shell(at.git(), "git rev-parse --is-shallow-repository"), "false");
    });
}
