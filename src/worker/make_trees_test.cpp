#include "git/layout.hpp"
#include "git/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "sandbox/try_layers.hpp"
#include "worker/make_trees.hpp"

using namespace persais;
using namespace persais::worker;
using sandbox::layering;
namespace fs = std::filesystem;

namespace {

/// Records what is given to a task.
struct noting_backend final : sandbox::backend {
    mutable std::vector<fs::path> given;
    sandbox::isolation_level level() const override { return sandbox::isolation_level::unsafe; }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view&) const override { return spec; }
    void hand_over(const fs::path& folder, unsigned) const override { given.push_back(folder); }
    awaitable<void> hand_over_beside(fs::path folder, unsigned) const override {
        given.push_back(folder);
        co_return;
    }
    std::string inside(const sandbox::view&, const fs::path& host) const override { return host.string(); }
};

struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

using part = task_workspace::part;

struct trees_of_a_task : ::testing::Test {
    git::testing::world repository;
    noting_backend backend;
    std::unique_ptr<sandbox::backend> confined; // null: that which notes
    fs::path root = repository.folder.path() / "tasks";
    std::unique_ptr<task_workspace> place;
    tree_additions beyond;

    void SetUp() override {
        fs::create_directories(root);
        place = task_workspace::open(root, {7}, {1}).value();
    }
    git::outcome<void> make(layering how, part which, git::commit_id commit, std::optional<git::commit_id> work = {}) {
        config::settings settings;
        system_clock time;
        service::remote_tokens tokens;
        no_agent agent;
        git::outcome<void> made;
        git::testing::on_a_loop<void>([&]() -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            store::pool db(executor, {.url = secret("postgresql://127.0.0.1:1/none")}); // never used
            queue::pg_tasks tasks(db, "me", std::chrono::seconds(10));
            llm::gateway gateway(executor, db, time, {}, {});
            http::client web(executor);
            dependencies with{.settings = settings,
                              .time = time,
                              .leases = tasks,
                              .requests = tasks,
                              .gateway = gateway,
                              .backend = confined ? *confined : backend,
                              .agent = agent,
                              .tokens = tokens,
                              .web = web,
                              .gateway_socket = root / "none",
                              .mirrors = root / "mirrors",
                              .workspaces = root,
                              .layering = how};
            made = co_await make_tree(with, repository.mirrored, *place, which, std::move(commit), std::move(work),
                                      beyond);
            gateway.close();
            db.close();
        }());
        return made;
    }
    sandbox::view view_of(part which) const { return which == part::code ? place->code() : place->check(); }
    std::string has(part which) const { // where a program would see a.txt
        auto seen = view_of(which);
        return git::testing::read((seen.tree_layers ? seen.tree_layers.lower.front().folder : seen.tree) / "a.txt");
    }
    /// What a program prints in the coder's tree.
    std::string program(const std::string& script) {
        auto seen = place->code();
        confined->hand_over(seen.home, seen.slot);
        sandbox::child_spec spec{
            .argv = {"/bin/sh", "-c", script},
            .environment = {"PATH=/usr/bin:/bin", "HOME=" + confined->inside(seen, seen.home), "LC_ALL=C"},
            .folder = confined->inside(seen, seen.tree),
            .total = std::chrono::minutes(1)};
        auto result = git::testing::on_a_loop(sandbox::run_child(confined->confine(std::move(spec), seen)));
        return result.output + result.error;
    }
    std::string later_work() {
        git::testing::shell(repository.folder.path() / "person", "echo later > a.txt; git commit -qam later; "
                                                                 "git push -q ../remote.git HEAD:refs/heads/later");
        EXPECT_EQ(git::testing::sentence(repository.refresh()), "");
        return git::testing::on_a_loop(repository.mirrored.commit_of("later")).value_or("");
    }
};

} // namespace

TEST_F(trees_of_a_task, are_layers_where_layers_do_what_their_programs_need) {
    struct rule {
        layering how;
        part which;
        bool layered;
    };
    for (auto [how, which, layered] :
         {rule{layering::none, part::code, false}, rule{layering::none, part::check, false},
          rule{layering::without_moves, part::code, true}, rule{layering::without_moves, part::check, false},
          rule{layering::whole, part::code, true}, rule{layering::whole, part::check, true}}) {
        backend.given.clear();
        EXPECT_EQ(git::testing::sentence(make(how, which, repository.base)), "");
        auto seen = view_of(which);
        EXPECT_EQ(static_cast<bool>(seen.tree_layers), layered) << static_cast<int>(how) << static_cast<int>(which);
        EXPECT_EQ(has(which), "one\ntwo\n");
        ASSERT_FALSE(backend.given.empty());
        for (const auto& folder : backend.given) // and never the checkout that others have
            EXPECT_TRUE(folder.string().starts_with(root.string())) << folder;
        EXPECT_EQ(fs::is_empty(seen.tree), layered);
    }
}

TEST_F(trees_of_a_task, have_earlier_work_on_top_whichever_way_they_are_made) {
    auto work = later_work();
    confined = git::testing::this_machines_backend();
    auto how = git::testing::on_a_loop(sandbox::try_layers(*confined, root / "trial")).how;
    for (auto way : {layering::none, how}) {
        EXPECT_EQ(git::testing::sentence(make(way, part::code, repository.base, work)), "");
        EXPECT_EQ(static_cast<bool>(place->code().tree_layers), way != layering::none);
        EXPECT_EQ(program("cat a.txt; cat .git/refs/heads/work; git diff --name-only; git diff --cached --name-only; "
                          "git cat-file -t " +
                          work + "; ls -A"),
                  "later\n" + repository.base + "\na.txt\ncommit\n.git\na.txt\nsrc\n");
        EXPECT_EQ(git::testing::sentence(make(way, part::code, repository.base, repository.base)), "");
        EXPECT_EQ(program("cat a.txt"), "one\ntwo\n") << "that work is none";
    }
    EXPECT_NE(git::testing::sentence(make(how, part::code, repository.base, std::string(40, 'd'))), "");
    EXPECT_EQ(git::testing::sentence(make(how, part::code, work)), "") << "a checkout was not written to";
    EXPECT_EQ(program("git status --porcelain; cat a.txt"), "later\n");
}

TEST_F(trees_of_a_task, that_are_made_again_keep_nothing_of_the_last) {
    auto work = later_work();
    for (auto how : {layering::whole, layering::none, layering::whole}) {
        EXPECT_EQ(git::testing::sentence(make(how, part::code, how == layering::none ? work : repository.base)), "");
        auto seen = place->code();
        EXPECT_EQ(has(part::code), how == layering::none ? "later\n" : "one\ntwo\n");
        auto changes = seen.tree_layers ? seen.tree_layers.upper / "files" : seen.tree;
        EXPECT_FALSE(fs::exists(changes / "left")) << "by the tree before";
        EXPECT_EQ(fs::exists(root / "7-1/code/tree.upper"), static_cast<bool>(seen.tree_layers));
        git::testing::write(changes / "left", "x");
    }
}

TEST_F(trees_of_a_task, share_a_checkout_that_stays_as_long_as_one_has_it) {
    auto other = task_workspace::open(root, {8}, {1}).value();
    EXPECT_EQ(git::testing::sentence(make(layering::whole, part::code, repository.base)), "");
    EXPECT_EQ(git::testing::sentence(make(layering::whole, part::check, repository.base)), "");
    std::swap(place, other);
    EXPECT_EQ(git::testing::sentence(make(layering::whole, part::code, repository.base)), "");
    auto shared = place->code().tree_layers.lower.front().folder;
    EXPECT_EQ(other->code().tree_layers.lower.front().folder, shared);
    EXPECT_EQ(other->check().tree_layers.lower.front().folder, shared);
    EXPECT_NE(other->code().tree_layers.upper, other->check().tree_layers.upper);
    EXPECT_TRUE(place->code().tree_layers.lower.front().lent);
    auto tidy = [&] {
        git::testing::on_a_loop(git::tidy_base_trees({repository.mirrored.folder()},
                                                     fs::file_time_type::clock::now() + std::chrono::hours(1)));
        return fs::exists(shared);
    };
    other.reset();
    EXPECT_TRUE(tidy());
    place.reset();
    EXPECT_FALSE(tidy());
}

TEST_F(trees_of_a_task, that_cannot_be_made_say_why) {
    for (auto how : {layering::none, layering::whole})
        EXPECT_NE(git::testing::sentence(make(how, part::code, std::string(40, 'd'))), "");
    EXPECT_EQ(git::testing::sentence(make(layering::whole, part::code, repository.base)), "") << "the next one can";
}
