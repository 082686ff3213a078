#include "memory/testing.hpp"
#include "memory/twins.hpp"

using namespace persais;
using namespace persais::memory;
using namespace persais::memory::testing;

struct twins : remembering {};

TEST_F(twins, are_tasks_of_the_repository_that_wanted_much_the_same) {
    with([](store::pool& db) -> awaitable<void> {
        auto id = co_await task_of(db, "/r", "Make the parser accept empty lines.");
        auto far = co_await task_of(db, "/r", "Make the pages load in half of the time.");
        for (auto each : {id, far})
            co_await becomes(db, each, "review");
        auto found = co_await twins_of(db, "/r", "the parser should accept an empty line", {}, 3);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_EQ(found.at(0).task.value, id);
        EXPECT_FALSE(found.at(0).reverted);
        EXPECT_EQ((co_await twins_of(db, "/q", "Make the parser accept empty lines.", {}, 3)).size(), 0U);
        EXPECT_EQ((co_await twins_of(db, "/r", "Make the parser accept empty lines.", task_id{id}, 3)).size(), 0U);
        for (auto none : {"", "parser", "'", "& | \\"})
            EXPECT_EQ((co_await twins_of(db, "/r", none, {}, 3)).size(), 0U) << none;
        co_await becomes(db, id, "discarded");
        found = co_await twins_of(db, "/r", "Accept empty lines in the parser", {}, 3);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_TRUE(found.at(0).reverted);
        co_await becomes(db, id, "review");
        EXPECT_FALSE((co_await twins_of(db, "/r", "Accept empty lines in the parser", {}, 3)).at(0).reverted);
    });
}
