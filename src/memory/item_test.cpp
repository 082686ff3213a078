#include "memory/testing.hpp"

using namespace persais;
using namespace persais::memory;
using namespace persais::memory::testing;

struct items : remembering {};

TEST_F(items, are_written_with_the_change_that_they_tell_of_and_once) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        EXPECT_EQ((co_await kept(db, "/r")).size(), 0U);
        try { // what is rolled back remembers nothing
            co_await db.transact({{"update tasks set state = 'parked', not_before = null, sentence = 'x' where id = $1",
                                   {std::to_string(id)}},
                                  {"select 1 / 0", {}}});
        } catch (const store::db_error&) {
        }
        EXPECT_EQ((co_await kept(db, "/r")).size(), 0U);
        recall one(db);
        co_await one.worked({id}, made, {"src/sum.py", "src/\nodd.py"});
        co_await becomes(db, id, "review");
        co_await becomes(db, id, "review"); // a step that is repeated
        auto all = co_await kept(db, "/r");
        EXPECT_EQ(all, std::vector<std::string>{
                           "change: Wanted: Mend the sum.\nDone: 2 files, +14 -3: src/sum.py, src/\nodd.py\n"
                           "The agent said: I turned it round.\n"
                           "Checks (pytest -q): green before, green after"});
    });
}

TEST_F(items, of_what_was_taken_back_are_untrue_and_say_why_until_it_comes_again) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        co_await becomes(db, id, "review");
        co_await becomes(db, id, "deployed");
        co_await becomes(db, id, "rolled_back", R"({"not_landed":"The deployment was not healthy: 500."})");
        auto all = co_await kept(db, "/r");
        EXPECT_EQ(all.size(), 2U);
        EXPECT_TRUE(all.front().starts_with("rolled_back: change: ")) << all.front();
        EXPECT_EQ(all.back(),
                  "reverted: Wanted: Mend the sum.\nIt was deployed and then taken back. The deployment was not "
                  "healthy: 500.\nWhat was done then: I turned it round.");
        co_await becomes(db, id, "deployed");
        all = co_await kept(db, "/r");
        EXPECT_TRUE(all.front().starts_with("change: ")) << all.front();
        EXPECT_TRUE(all.back().starts_with("deployed_again: reverted: ")) << all.back();
        co_await becomes(db, id, "discarded");
        EXPECT_TRUE((co_await kept(db, "/r")).front().starts_with("discarded: change: "));
    });
}

TEST_F(items, of_a_turn_take_the_place_of_those_before_it_unless_it_came_to_nothing) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        co_await becomes(db, id, "review");
        co_await becomes(db, id, "review",
                         R"({"turn":1,"asked":"No floats, please.","came_to_nothing":{"sentence":"Too slow."}})");
        auto all = co_await kept(db, "/r");
        EXPECT_EQ(all.size(), 2U);
        EXPECT_TRUE(all.front().starts_with("change: ")) << all.front();
        EXPECT_EQ(all.back(),
                  "change: Wanted: Mend the sum.\nA person then said: No floats, please.\nCame to nothing: Too slow.");
        co_await becomes(db, id, "review", R"({"turn":2,"asked":"Whole numbers only."})");
        all = co_await kept(db, "/r");
        EXPECT_TRUE(all.front().starts_with("followed_up: change: ")) << all.front();
        EXPECT_TRUE(
            all.back().starts_with("change: Wanted: Mend the sum.\nA person then said: Whole numbers only.\nDone: "))
            << all.back();
    });
}

TEST_F(items, tell_answers_and_failures_that_are_the_repositorys_and_no_others) {
    with([](store::pool& db) -> awaitable<void> {
        auto asked = co_await task_of(db, "/r", "Why is it slow?", "question");
        co_await becomes(db, asked, "answered", R"({"said":"It sorts twice."})");
        auto none = co_await task_of(db, "/r", "Do nothing.");
        co_await becomes(db, none, "failed");
        auto away = co_await task_of(db, "/r", "Never mind.");
        co_await db.query("update tasks set state = 'failed', verdict = 'model_failed', reason = '', sentence = 'x', "
                          "not_before = null where id = $1",
                          {std::to_string(away)});
        const std::vector<std::string> expected{
            "answer: Question: Why is it slow?\nAnswer: It sorts twice.",
            "change: Wanted: Do nothing.\nCame to nothing: The agent changed nothing."};
        EXPECT_EQ(co_await kept(db, "/r"), expected);
    });
}

TEST_F(items, tell_what_the_checks_said_and_stay_within_their_size) {
    with([](store::pool& db) -> awaitable<void> {
        std::string endless(20000, 'x');
        for (std::size_t at = 0; at < endless.size(); at += 2)
            endless.replace(at, 2, "я");
        auto id = co_await task_of(db, "/r", endless.substr(0, 16000));
        auto facts =
            R"({"feedback":"collected 3 items\nE  ConnectionError: Redis at 6380 refused\nbye","check":{"command":"pytest"},"said":")" +
            endless + "\"}";
        co_await db.query(
            "update tasks set state = 'checking', not_before = null, attempt = 1, round = 0, lease_owner = 'me', "
            "lease_until = now() where id = $1",
            {std::to_string(id)});
        co_await db.query("update tasks set state = 'coding', round = 1, facts = $2::jsonb where id = $1",
                          {std::to_string(id), facts});
        auto all = co_await kept(db, "/r");
        EXPECT_EQ(all.size(), 1U);
        EXPECT_TRUE(all.front().ends_with("\nE  ConnectionError: Redis at 6380 refused")) << all.front();
        co_await db.query("update tasks set attempt = null, round = null, lease_owner = null, lease_until = null, "
                          "state = 'expired' where id = $1",
                          {std::to_string(id)});
        auto r = co_await db.query("select count(*), max(octet_length(text)) <= 2048 from memory_items");
        EXPECT_EQ(r.number(0, 0), 2);
        EXPECT_TRUE(r.boolean(0, 1));
    });
}
