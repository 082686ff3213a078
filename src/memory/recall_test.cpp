#include "memory/recall.hpp"
#include "memory/testing.hpp"

using namespace persais;
using namespace persais::memory;
using namespace persais::memory::testing;

struct recalling : remembering {};

namespace {

awaitable<std::vector<std::string>> found(store::pool& db, std::string remote, std::string asked,
                                          std::optional<task_id> except = {}) {
    recall one(db);
    std::vector<std::string> all;
    for (auto& each : co_await one.about(std::move(remote), std::move(asked), except, 8))
        all.push_back(each.text);
    co_return all;
}

awaitable<void> note(store::pool& db, std::string remote, std::string text) {
    co_await db.transact({add_note(remote, text, std::nullopt)});
}

using texts = std::vector<std::string>;

} // namespace

TEST_F(recalling, finds_by_words_in_both_languages_whatever_their_endings) {
    with([](store::pool& db) -> awaitable<void> {
        for (auto text : {"The tests need Redis on port 6380.", "Миграции накатывает скрипт tools/migrate.sh.",
                          "Icons are drawn in Figma."})
            co_await note(db, "/r", text);
        EXPECT_EQ(co_await found(db, "/r", "which ports do the testing services use?"),
                  texts{"The tests need Redis on port 6380."});
        EXPECT_EQ(co_await found(db, "/r", "почини накатывание миграций"),
                  texts{"Миграции накатывает скрипт tools/migrate.sh."});
        EXPECT_EQ(co_await found(db, "/r", "migrate.sh is broken"),
                  texts{"Миграции накатывает скрипт tools/migrate.sh."})
            << "a part of a path";
        EXPECT_EQ(co_await found(db, "/r", "whatever else"), texts{});
    });
}

TEST_F(recalling, takes_any_text_for_words) {
    with([](store::pool& db) -> awaitable<void> {
        co_await note(db, "/r", "It's C:\\path & 'quoted' | <x> :* !");
        for (auto asked : {"", "'", "\\", "it's c:\\path", "& | ! <-> :* ()", "''''", "a:b:c\n\t\x01"})
            EXPECT_LE((co_await found(db, "/r", asked)).size(), 1U) << asked;
        EXPECT_EQ((co_await found(db, "/r", "quoted path")).size(), 1U);
    });
}

TEST_F(recalling, never_gives_what_is_of_another_repository) {
    with([](store::pool& db) -> awaitable<void> {
        co_await note(db, "/r", "The tests need Redis.");
        co_await note(db, "/other", "The tests need Redis, and the password is in the cellar.");
        EXPECT_EQ(co_await found(db, "/r", "Redis password"), texts{"The tests need Redis."});
        EXPECT_EQ(co_await found(db, "/r/", "Redis password"), texts{}) << "an address is one only to the last byte";
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        recall one(db);
        co_await one.give({id}, 0, "/r", "Redis");
        EXPECT_EQ((co_await given_to(db, {id})).size(), 1U);
        EXPECT_EQ(co_await one.given({id}, 0, "/other"), "") << "nor by its number";
    });
}

TEST_F(recalling, leaves_out_what_is_not_true_and_what_the_task_itself_said) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        co_await becomes(db, id, "review");
        EXPECT_EQ((co_await found(db, "/r", "the sum")).size(), 1U);
        EXPECT_EQ((co_await found(db, "/r", "the sum", task_id{id})).size(), 0U);
        co_await becomes(db, id, "discarded");
        auto all = co_await found(db, "/r", "the sum");
        EXPECT_EQ(all.size(), 1U);
        EXPECT_TRUE(all.front().contains("A person put its result away.")) << all.front();
    });
}

TEST_F(recalling, prefers_the_newer_of_two_and_gives_standing_rules_first_to_everything) {
    with([](store::pool& db) -> awaitable<void> {
        co_await note(db, "/r", "Redis is on port 6379, says Ann.");
        co_await db.query("update memory_items set at = now() - interval '400 days'");
        co_await note(db, "/r", "Redis is on port 6380, says Bob.");
        co_await note(db, "/r", "Always run the formatter.");
        const texts both{"Always run the formatter.", "Redis is on port 6380, says Bob.",
                         "Redis is on port 6379, says Ann."};
        EXPECT_EQ(co_await found(db, "/r", "the port of Redis"), both);
        EXPECT_EQ(co_await found(db, "/r", "nothing of that"), texts{"Always run the formatter."});
        for (int i = 0; i < 10; ++i)
            co_await note(db, "/r", fmt::format("Never do {}.", i));
        auto all = co_await found(db, "/r", "the port of Redis");
        EXPECT_EQ(all.size(), 6U) << "rules leave room for what has to do with it";
        EXPECT_EQ(all.front(), "Never do 9.");
        EXPECT_EQ(all.back(), both.back());
    });
}

TEST_F(recalling, gives_a_turn_what_was_chosen_for_it_as_far_as_that_is_still_true) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Mend the sum.");
        co_await note(db, "/r", "The sum has tests.");
        co_await note(db, "/r", "The sum needs Redis.");
        recall one(db);
        for (int again : {1, 2}) { // an attempt after a crash
            co_await one.give({id}, 0, "/r", "the sum");
            EXPECT_EQ((co_await given_to(db, {id})).size(), 2U) << again;
        }
        auto text = co_await one.given({id}, 0, "/r");
        EXPECT_TRUE(text.contains("> The sum has tests.") && text.contains("> The sum needs Redis.")) << text;
        co_await db.transact({correct(1, "The sum has no tests.", {})});
        text = co_await one.given({id}, 0, "/r");
        EXPECT_FALSE(text.contains("has tests") || text.contains("no tests")) << text;
        EXPECT_EQ((co_await given_to(db, {id})).size(), 2U) << "it was given";
        co_await db.transact({forget(2)});
        EXPECT_EQ((co_await given_to(db, {id})).size(), 1U) << "and of that nothing is left";
        co_await one.give({id}, 1, "/r", "nothing of that");
        EXPECT_EQ((co_await given_to(db, {id})).size(), 1U) << "the task is still in its first turn";
        EXPECT_EQ(co_await one.given({id}, 1, "/r"), "");
    });
}
