#include "telegram/dialog/memory.hpp"
#include "telegram/dialog/testing_update_handler.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

/// 1 is an admin, 2 and 3 are users.
struct remembering : telegram::testing::with_update_handler {
    remembering() { settings.allowed_user_ids = {1, 2, 3}; }
    template <class F>
    void with_handler(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            update_handler a(dependencies(db));
            co_await a.begin();
            a.introduce({42, "a_bot"});
            co_await body(a, db);
        });
    }
    awaitable<std::string> answer(update_handler& a, store::pool& db, std::int64_t person, std::string text) {
        time.at += 10s;
        co_await hear(a, db, says(person, std::move(text)));
        co_return co_await told(db);
    }
};

} // namespace

TEST_F(remembering, keeps_lists_and_finds_notes_of_the_repository_that_is_worked_on) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_TRUE((co_await answer(a, db, 2, "/memory")).starts_with("I remember nothing of that in"));
        EXPECT_TRUE((co_await answer(a, db, 2, "/remember")).starts_with("Write the note behind the command"));
        EXPECT_TRUE((co_await answer(a, db, 2, "/remember the tests need Redis")).starts_with("Kept: later tasks of"));
        EXPECT_EQ(co_await count_of(db, "memory_items where remote = '/srv/r.git' and people = '{2}'"), 1);
        co_await answer(a, db, 2, "/remember icons are drawn in Figma");
        auto all = co_await answer(a, db, 3, "/memory");
        EXPECT_TRUE(all.contains("the tests need Redis") && all.contains("Figma")) << all;
        auto some = co_await answer(a, db, 3, "/memory redis");
        EXPECT_TRUE(some.contains("the tests need Redis") && !some.contains("Figma")) << some;
        EXPECT_TRUE((co_await answer(a, db, 2, "/remember " + std::string(2100, 'x'))).contains("2,048") ||
                    (co_await told(db)).contains("2048"));
        EXPECT_EQ(co_await count_of(db, "memory_items"), 2);
    });
}

TEST_F(remembering, is_changed_by_whoever_said_it_or_an_admin) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await answer(a, db, 2, "/remember Redis is on 6379");
        EXPECT_TRUE((co_await answer(a, db, 3, "/memory forget 1")).starts_with("Others had a part in that"));
        EXPECT_TRUE((co_await answer(a, db, 3, "/memory forget 7")).contains("nothing under that number"));
        EXPECT_TRUE((co_await answer(a, db, 3, "/memory forget")).contains("nothing under that number"));
        EXPECT_TRUE(
            (co_await answer(a, db, 2, "/memory correct 1 Redis is on 6380")).starts_with("1 is not given any more"));
        EXPECT_EQ(co_await count_of(db, "memory_items where untrue_because is null and text = 'Redis is on 6380'"), 1);
        EXPECT_TRUE((co_await answer(a, db, 1, "/memory forget 2")).starts_with("2 is forgotten."));
        EXPECT_EQ(co_await count_of(db, "memory_items"), 1);
        co_await db.query("update memory_items set remote = '/elsewhere'");
        EXPECT_TRUE((co_await answer(a, db, 1, "/memory forget 1")).contains("nothing under that number"))
            << "of another repository";
    });
}

TEST_F(remembering, is_for_readers_to_read_and_not_to_add_to) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        settings.allowed_user_ids = {1, 2};
        co_await answer(a, db, 1, "/remember Redis is on 6379");
        co_await db.transact({queue::set_role(3, "", "reader", "terminal", {1})});
        co_await a.begin();
        EXPECT_TRUE((co_await answer(a, db, 3, "/memory")).contains("6379"));
        auto refused = co_await answer(a, db, 3, "/remember mine");
        EXPECT_FALSE(refused.starts_with("Kept")) << refused;
        EXPECT_EQ(co_await count_of(db, "memory_items"), 1);
    });
}
