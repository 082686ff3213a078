#include "telegram/inbound/intake.hpp"
#include "telegram/inbound/limits.hpp"
#include "telegram/inbound/webhook.hpp"
#include "telegram/store/testing_database.hpp"

using namespace persais;
using namespace persais::telegram;

namespace {

using intake_to = telegram::testing::with_database;

awaitable<std::int64_t> rows_of(store::pool& db) { // `db` outlives it
    co_return (co_await db.query("select count(*) from inbox")).number(0, 0);
}

awaitable<bool> take_one(intake& in, std::int64_t number, std::size_t bytes = 1) { // `in` outlives it
    std::vector<telegram::stored_update> one;
    one.push_back({number, std::string(bytes, 'x')});
    co_return co_await in.take(std::move(one));
}

} // namespace

TEST_F(intake_to, says_yes_after_the_commit) {
    with([](store::pool& db) -> awaitable<void> {
        int heard = 0;
        intake in(co_await asio::this_coro::executor, db, {.stored = [&] { ++heard; }});
        EXPECT_TRUE(co_await take_one(in, 1));
        EXPECT_EQ(co_await rows_of(db), 1);
        EXPECT_TRUE(co_await take_one(in, 1)) << "what is stored already is stored";
        EXPECT_EQ(co_await rows_of(db), 1);
        EXPECT_EQ(heard, 2);
    });
}

TEST_F(intake_to, what_comes_while_one_commit_is_under_way_is_one_commit) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        int commits = 0;
        intake in(executor, db, {.stored = [&] { ++commits; }});
        std::vector<background<bool>> all;
        for (int i = 0; i < 200; ++i)
            all.emplace_back(executor, take_one(in, i));
        for (auto& each : all)
            EXPECT_TRUE(co_await each.join());
        EXPECT_EQ(co_await rows_of(db), 200);
        EXPECT_LE(commits, 3);
    });
}

TEST_F(intake_to, a_full_queue_refuses_and_one_that_is_too_large_alone_does_not_wait_for_ever) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        std::vector<background<bool>> all;
        all.emplace_back(executor, take_one(in, 0)); // its COMMIT is running
        co_await asio::post(executor, asio::use_awaitable);
        for (std::size_t i = 1; i <= limits::intake_waiting + 5; ++i)
            all.emplace_back(executor, take_one(in, static_cast<std::int64_t>(i)));
        std::int64_t taken = 0;
        for (auto& each : all)
            taken += co_await each.join();
        EXPECT_EQ(taken, static_cast<std::int64_t>(limits::intake_waiting) + 1);
        EXPECT_EQ(co_await rows_of(db), taken);
        EXPECT_TRUE(co_await take_one(in, 1'000'000, limits::intake_bytes + 1));
    });
}

TEST_F(intake_to, a_database_that_refuses_is_a_no_and_the_next_time_a_yes) {
    with([](store::pool& db) -> awaitable<void> {
        intake in(co_await asio::this_coro::executor, db, {});
        co_await db.query("alter table inbox rename to elsewhere");
        EXPECT_FALSE(co_await take_one(in, 1));
        co_await db.query("alter table elsewhere rename to inbox");
        EXPECT_TRUE(co_await take_one(in, 1));
        EXPECT_EQ(co_await rows_of(db), 1);
    });
}

TEST_F(intake_to, who_is_turned_away_is_stored_as_done_and_wakes_nobody) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        int heard = 0;
        std::vector<std::string> away;
        intake in(executor, db,
                  {.turn_away =
                       [](telegram::stored_update& u) {
                           if (u.number == 1) u.effect = "refused";
                       },
                   .turned_away = [&](std::string_view effect) { away.emplace_back(effect); },
                   .stored = [&] { ++heard; }});
        EXPECT_TRUE(co_await take_one(in, 1));
        EXPECT_EQ(away, std::vector<std::string>{"refused"});
        EXPECT_EQ(heard, 0);
        EXPECT_TRUE((co_await telegram::undone_updates(db, 0)).empty());
        auto kept = co_await db.query("select 1 from inbox where effect = 'refused' and done_at is not null");
        EXPECT_EQ(kept.size(), 1);
        EXPECT_TRUE(co_await take_one(in, 2));
        EXPECT_EQ(heard, 1);
        EXPECT_EQ((co_await telegram::undone_updates(db, 0)).size(), 1);
    });
}

TEST_F(intake_to, who_was_let_in_by_another_process_is_read_though_this_one_turned_them_away) {
    with([](store::pool& db) -> awaitable<void> {
        co_await db.script("insert into people (id, let_in, decided_at, decided_by) values (3, true, now(), 1)");
        int heard = 0, away = 0;
        intake in(co_await asio::this_coro::executor, db,
                  {.turn_away =
                       [](telegram::stored_update& u) {
                           u.effect = "refused";
                           u.person = 3;
                       },
                   .turned_away = [&](std::string_view) { ++away; },
                   .stored = [&] { ++heard; }});
        EXPECT_TRUE(co_await take_one(in, 1));
        EXPECT_EQ(heard, 1);
        EXPECT_EQ(away, 0);
        EXPECT_EQ((co_await telegram::undone_updates(db, 0)).size(), 1);
    });
}

TEST_F(intake_to, a_caller_that_leaves_takes_nothing_along) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        background<bool> gone(executor, take_one(in, 1));
        co_await asio::post(executor, asio::use_awaitable);
        background<bool> stays(executor, take_one(in, 2));
        co_await asio::post(executor, asio::use_awaitable);
        co_await gone.stop();
        EXPECT_TRUE(co_await stays.join());
        EXPECT_EQ(co_await rows_of(db), 2);
    });
}

TEST_F(intake_to, its_end_lets_nobody_wait) {
    with([](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto in = std::make_unique<intake>(executor, db, intake_dependencies{});
        background<bool> first(executor, take_one(*in, 1));
        co_await asio::post(executor, asio::use_awaitable);
        background<bool> second(executor, take_one(*in, 2));
        co_await asio::post(executor, asio::use_awaitable);
        in.reset();
        co_await first.join();
        EXPECT_FALSE(co_await second.join());
    });
}

TEST_F(intake_to, the_webhook_stores_what_it_is_given_whatever_it_is) {
    with([](store::pool& db) -> awaitable<void> {
        intake in(co_await asio::this_coro::executor, db, {});
        for (std::string body : {std::string(R"({"update_id":1})"), std::string(""), std::string("\xff\xfe"),
                                 std::string(1000, '['), std::string(R"({"update_id":"one"})")}) {
            EXPECT_EQ((co_await take_call(in, body)).status, 200);
            EXPECT_EQ((co_await take_call(in, body)).status, 200) << "the same again";
        }
        EXPECT_EQ(co_await rows_of(db), 5);
        EXPECT_EQ((co_await db.query("select count(*) from inbox where update_id < 0")).number(0, 0), 4);
        co_await db.query("alter table inbox rename to elsewhere");
        EXPECT_EQ((co_await take_call(in, "{}")).status, 503);
    });
}

TEST(admit_call, takes_what_shows_the_right_secret) {
    hook_secrets secrets;
    EXPECT_EQ(admit_call(secrets, "sesame").error().status, 503) << "no secret is known yet";
    secrets.set(secret("sesame"));
    for (auto* wrong : {"", "open", "sesame\n"})
        EXPECT_EQ(admit_call(secrets, wrong).error().status, 401) << wrong;
    EXPECT_TRUE(admit_call(secrets, "sesame"));
}

TEST(update_of, a_number_below_zero_is_ours_alone) {
    EXPECT_EQ(update_of(R"({"update_id":17,"x":[[[[)").number, 17) << "found though the rest is broken";
    EXPECT_LT(update_of(R"({"update_id":-17})").number, 0);
    EXPECT_NE(update_of(R"({"update_id":-17})").number, -17);
    EXPECT_NE(update_of("a").number, update_of("b").number);
    EXPECT_EQ(update_of("a").number, update_of("a").number);
}
