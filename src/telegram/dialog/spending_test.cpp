// Money in the chat: what is left, a pause, warnings.
#include "service/money.hpp"
#include "telegram/dialog/spending.hpp"
#include "telegram/dialog/testing_update_handler.hpp"
#include "telegram/dialog/told_admins.hpp"

using namespace persais;
using namespace persais::telegram;
using telegram::testing::count_of;
using namespace std::chrono_literals;

namespace {

/// 1 is an admin, 2 is a user.
struct spending : telegram::testing::with_update_handler {
    spending() { settings.budget_day_usd = 20; }
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

TEST_F(spending, is_paused_by_admins_alone_until_they_let_it_go_on) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        EXPECT_EQ(co_await answer(a, db, 2, "/pause"), "Only an admin may do that.");
        EXPECT_EQ(co_await count_of(db, "pause"), 0);
        EXPECT_EQ(co_await answer(a, db, 1, "/resume"), "Spending is not paused.");
        auto begun = co_await answer(a, db, 1, "/pause");
        EXPECT_TRUE(
            begun.starts_with("All spending is paused: models are asked nothing any more. 0 tasks running stop"))
            << begun;
        EXPECT_EQ(co_await count_of(db, "pause where by = '1'"), 1);
        EXPECT_TRUE((co_await answer(a, db, 1, "/pause")).starts_with("All spending is paused already."));
        EXPECT_TRUE((co_await answer(a, db, 2, "/status")).contains("All spending is paused: /resume ends it."));
        EXPECT_EQ(co_await answer(a, db, 2, "/resume"), "Only an admin may do that.");
        EXPECT_TRUE((co_await answer(a, db, 1, "/resume")).starts_with("Spending goes on"));
        EXPECT_EQ(co_await count_of(db, "pause"), 0);
        EXPECT_FALSE((co_await answer(a, db, 2, "/status")).contains("paused"));
        EXPECT_EQ(co_await count_of(db, "audit where what in ('paused', 'resumed') and by = '1'"), 2);
    });
}

TEST_F(spending, budget_shows_the_reader_what_is_left_for_them) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        settings.budget_month_usd = 100;
        co_await db.transact({queue::set_budget({{"person", "2"}, 5, {}, {}}, "terminal"),
                              queue::set_budget({{"repository", "r"}, {}, 50, {}}, "terminal")});
        auto shown = co_await answer(a, db, 2, "/budget");
        EXPECT_TRUE(shown.contains("\nLeft today (everybody): $20.00 of $20.00.")) << shown;
        EXPECT_TRUE(shown.contains("\nLeft this month (everybody): $100.00 of $100.00.")) << shown;
        EXPECT_TRUE(shown.contains("\nLeft today (you): $5.00 of $5.00.")) << shown;
        EXPECT_TRUE(shown.contains("\nLeft this month (r): $50.00 of $50.00.")) << shown;
        EXPECT_FALSE((co_await answer(a, db, 1, "/budget")).contains("(you)")) << "of another person";
    });
}

TEST_F(spending, a_warning_goes_to_each_admin_in_their_language) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await answer(a, db, 1, "/lang ru");
        auto written =
            co_await admins_hear(db, {1, 9}, service::warning_words({"day_budget", "", "2026-11-30", 17, 20}));
        EXPECT_EQ(written.size(), 1U) << "9 never wrote, and cannot be written to";
        co_await db.transact(std::move(written));
        EXPECT_EQ(co_await told(db), "⚠ Из дневного бюджета потрачено или отложено $17.00 из $20.00.");
    });
}

TEST_F(spending, a_warning_that_no_admin_hears_counts_as_told_to_nobody) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.query("insert into budget_warnings (budget, whose, since, counted_usd, budget_usd) values "
                          "('day_budget', '', '2026-11-30', 17, 20)");
        queue::budget_warning one = (co_await queue::untold_warnings(db)).at(0);
        EXPECT_TRUE((co_await admins_hear(db, {}, one)).empty());
        EXPECT_TRUE((co_await admins_hear(db, {9}, one)).empty()) << "9 never wrote";
        co_await answer(a, db, 1, "/budget");
        co_await db.transact(co_await admins_hear(db, {1}, one));
        EXPECT_TRUE((co_await queue::untold_warnings(db)).empty());
    });
}

TEST_F(spending, a_person_may_have_fewer_tasks_waiting) {
    with_handler([this](update_handler& a, store::pool& db) -> awaitable<void> {
        co_await db.transact({queue::set_budget({{"person", "2"}, {}, {}, 1}, "terminal")});
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(2, "mend the sum")), "task");
        EXPECT_TRUE((co_await answer(a, db, 2, "mend the product")).starts_with("1 of your tasks waits already"));
        EXPECT_EQ(co_await count_of(db, "tasks"), 1);
        time.at += 10s;
        EXPECT_EQ(co_await hear(a, db, says(1, "mend the sum")), "task");
    });
}
