// Repositories beside one whose forge does not answer.
#include "queue/testing_table.hpp"
#include "worker/dispatcher.hpp"

using namespace persais;
using namespace persais::queue::testing;
using namespace std::chrono_literals;

namespace {

/// Work on a repository: at once over, but for the one that hangs, which goes on until it is stopped.
class some_hang final : public worker::command_executor {
public:
    struct counts {
        int hanging = 0, most_hanging = 0;
    };
    explicit some_hang(counts& into) : counts_(into) {}
    awaitable<mechanic::event> execute(mechanic::task t, mechanic::command, std::string) override {
        if (t.what.remote == "https://silent.example/r") {
            counts_.most_hanging = std::max(counts_.most_hanging, ++counts_.hanging);
            co_await sleep_for(1h);
        }
        co_return mechanic::remote_trouble{"not_found", "There is no such repository."};
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(mechanic::task) override { co_return; }
    void leave_behind() override {}

private:
    counts& counts_;
};

order of_repository(std::string remote) {
    auto o = some_order();
    o.remote = std::move(remote);
    return o;
}

/// Works on a hundred repositories with two tasks each and four slots, of which one repository hangs, with twenty tasks
/// that are older than all others, until all others are done. Returns how many of those that hang were begun by then.
int most_that_hang(std::optional<int> parallel) {
    pgserver::testing::scratch_database database;
    some_hang::counts seen;
    auto all_of_it = [&](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        if (parallel)
            co_await db.query("insert into repositories (name, remote, parallel) values ('silent', "
                              "'https://silent.example/r', $1::int)",
                              {std::to_string(*parallel)});
        for (int i = 0; i < 20; ++i)
            co_await all.add(of_repository("https://silent.example/r"));
        int left = 0;
        for (int each = 0; each < 2; ++each)
            for (int i = 0; i < 99; ++i, ++left)
                co_await all.add(of_repository(fmt::format("https://git.example/{:02}", i)));
        system_clock time;
        worker::driver_dependencies with{.time = time,
                                         .leases = all,
                                         .requests = all,
                                         .make_executor = [&](const worker::observer&, task_id, fence) {
                                             return std::make_unique<some_hang>(seen);
                                         }};
        worker::dispatcher* running = nullptr;
        int hang_while_others_wait = 0;
        worker::dispatcher work(with, 4, {.moved = [&](const mechanic::task& t, std::string_view) {
                                    if (!mechanic::is_settled(t.now)) return;
                                    if (left-- > 8)
                                        hang_while_others_wait = seen.most_hanging; // all slots had others to take
                                    if (left == 0) running->leave();
                                }});
        running = &work;
        co_await work.run();
        seen.most_hanging = hang_while_others_wait;
        auto r = co_await db.query("select count(*) from tasks where state = 'failed'");
        EXPECT_EQ(r.number(0, 0), 198) << "every task of the others";
        db.close();
    };
    pgserver::testing::on_a_loop(all_of_it(database.url()));
    return seen.most_hanging;
}

} // namespace

TEST(dispatcher, a_repository_whose_forge_hangs_has_one_slot_while_a_hundred_others_have_work) {
    EXPECT_EQ(most_that_hang({}), 1);
}

TEST(dispatcher, a_repository_with_a_limit_takes_no_second_slot_even_when_nobody_else_wants_it) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 4});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 1h);
        co_await db.query("insert into repositories (name, remote, parallel) values ('silent', "
                          "'https://silent.example/r', 1)");
        for (int i = 0; i < 5; ++i)
            co_await all.add(of_repository("https://silent.example/r"));
        co_await all.add(of_repository("https://git.example/1"));
        system_clock time;
        some_hang::counts seen;
        worker::driver_dependencies with{.time = time,
                                         .leases = all,
                                         .requests = all,
                                         .make_executor = [&](const worker::observer&, task_id, fence) {
                                             return std::make_unique<some_hang>(seen);
                                         }};
        worker::dispatcher* running = nullptr;
        int others = 0;
        worker::dispatcher work(with, 4,
                                {.moved =
                                     [&](const mechanic::task& t, std::string_view) {
                                         if (mechanic::is_settled(t.now) && ++others == 2) running->leave();
                                     },
                                 .queued = [&](std::optional<int>) { // it has looked, and there was room for more
                                     if (others == 1) ++others, running->leave();
                                 }});
        running = &work;
        co_await work.run();
        EXPECT_EQ(seen.most_hanging, 1);
        db.close();
    }(database.url()));
}
