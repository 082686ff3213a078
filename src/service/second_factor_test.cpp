#include "base/told.hpp"
#include "base/totp.hpp"
#include "pgserver/testing.hpp"
#include "queue/limits.hpp"
#include "queue/pg_tasks.hpp"
#include "service/second_factor.hpp"
#include "store/migrate.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using why = refusal::reason;

namespace {

struct moved_clock final : clock {
    time_point now() const override { return at; }
    time_point at{std::chrono::seconds(1'800'000'000)};
};

struct with_apps {
    store::pool& db;
    moved_clock& time;
    second_factors& factors;

    std::string code(const secret& of, std::int64_t steps = 0) const {
        return totp::code_of(of, totp::step_at(time.at) + steps);
    }
    awaitable<why> refused(std::string person, std::string said) {
        auto right = co_await factors.prove(std::move(person), secret(std::move(said)));
        EXPECT_FALSE(right);
        if (!right) {
            EXPECT_TRUE(russian_of(right.error().sentence)) << right.error().sentence;
        }
        co_return right ? why::empty : right.error().why;
    }
    awaitable<bool> right(std::string person, std::string said) {
        co_return (co_await factors.prove(std::move(person), secret(std::move(said)))).has_value();
    }
    awaitable<std::string> text(std::string sql) {
        auto r = co_await db.query(std::move(sql));
        co_return r.empty() ? "" : std::string(r.text(0, 0));
    }
};

template <class F>
void with(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
        co_await store::migrate(db);
        moved_clock time;
        seal sealing{secret("a test's")};
        second_factors factors(db, sealing, time);
        co_await work(with_apps{db, time, factors});
        db.close();
    }(database.url(), std::move(body)));
}

constexpr auto audit = "select string_agg(concat_ws(' ', what, person, by), ', ' order by id) from audit";

} // namespace

TEST(second_factor, is_set_up_by_its_first_code_and_takes_each_code_once) {
    with([](with_apps on) -> awaitable<void> {
        EXPECT_EQ(co_await on.refused("7", "123456"), why::no_factor);
        auto given = *co_await on.factors.begin("7");
        EXPECT_EQ(co_await on.factors.of("7"), queue::factor_state::given);
        EXPECT_EQ(co_await on.text("select position($$" + totp::as_typed(given).reveal() +
                                   "$$ in encode(sealed, 'escape'))::text from second_factors"),
                  "0");
        auto again = *co_await on.factors.begin("7"); // it was not shown, or lost at once
        EXPECT_EQ(co_await on.refused("7", on.code(given)), why::wrong_code);
        EXPECT_TRUE(co_await on.right("7", on.code(again)));
        EXPECT_EQ(co_await on.factors.of("7"), queue::factor_state::set_up);
        EXPECT_EQ(co_await on.refused("7", on.code(again)), why::wrong_code) << "it was used";
        EXPECT_EQ(co_await on.refused("7", on.code(again, -1)), why::wrong_code) << "an older one neither";
        EXPECT_TRUE(co_await on.right("7", on.code(again, 1)));
        EXPECT_EQ((co_await on.factors.begin("7")).error().why, why::factor_there);
        EXPECT_EQ(co_await on.factors.of("8"), queue::factor_state::none) << "it is one person's";
        EXPECT_EQ(co_await on.text(audit), "factor_wrong 7 7, factor_set_up 7 7, factor_wrong 7 7, factor_wrong 7 7");
    });
}

TEST(second_factor, is_looked_at_no_more_after_some_wrong_codes_whoever_asks) {
    with([](with_apps on) -> awaitable<void> {
        auto mine = *co_await on.factors.begin("7");
        EXPECT_TRUE(co_await on.right("7", on.code(mine)));
        on.time.at += 1min;
        for (int i = 0; i < limits::factor_tries; ++i)
            EXPECT_EQ(co_await on.refused("7", "12345"), why::wrong_code);
        EXPECT_EQ(co_await on.refused("7", on.code(mine)), why::factor_pause) << "not even the right one";
        seal sealing{secret("a test's")};
        second_factors after_a_restart(on.db, sealing, on.time);
        auto said = co_await after_a_restart.prove("7", secret(on.code(mine)));
        EXPECT_TRUE(!said && said.error().why == why::factor_pause);
        co_await on.db.query("update second_factors set tried_at = tried_at - $1::bigint * interval '1 second'",
                             {std::to_string(std::chrono::seconds(limits::factor_pause).count() + 1)});
        EXPECT_TRUE(co_await on.right("7", on.code(mine)));
        EXPECT_EQ(co_await on.text("select wrong::text from second_factors"), "0");
    });
}

TEST(second_factor, is_taken_back_and_begun_anew) {
    with([](with_apps on) -> awaitable<void> {
        const std::string me(queue::terminal);
        auto lost = *co_await on.factors.begin(me);
        EXPECT_TRUE(co_await on.right(me, on.code(lost)));
        EXPECT_TRUE(co_await on.factors.reset(me, "terminal"));
        EXPECT_EQ((co_await on.factors.reset(me, "terminal")).error().why, why::no_factor);
        EXPECT_EQ(co_await on.refused(me, on.code(lost, 1)), why::no_factor);
        EXPECT_TRUE(co_await on.factors.begin(me));
        EXPECT_EQ(co_await on.text(audit), "factor_set_up terminal, factor_reset terminal");
    });
}

TEST(second_factor, of_one_person_opens_for_nobody_else) {
    with([](with_apps on) -> awaitable<void> {
        auto mine = *co_await on.factors.begin("7");
        EXPECT_TRUE(co_await on.right("7", on.code(mine)));
        co_await on.db.script("insert into second_factors (person, sealed, set_up_at) select '8', sealed, now() from "
                              "second_factors");
        EXPECT_EQ(co_await on.refused("8", on.code(mine, 1)), why::no_factor);
    });
}

TEST(second_factor, is_known_to_the_rules_for_who_has_it) {
    with([](with_apps on) -> awaitable<void> {
        queue::pg_tasks all(on.db, "me", 10s);
        auto id = co_await all.add({.remote = "r", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
        EXPECT_FALSE((co_await all.landing_record_of(id, "7")).factor_set_up);
        auto mine = *co_await on.factors.begin("7");
        EXPECT_FALSE((co_await all.landing_record_of(id, "7")).factor_set_up) << "no code came yet";
        EXPECT_TRUE(co_await on.right("7", on.code(mine)));
        auto known = co_await all.landing_record_of(id, "7");
        EXPECT_TRUE(known.factor_set_up && known.proved && *known.proved < 60s);
        EXPECT_FALSE((co_await all.landing_record_of(id, "8")).proved);
        co_await on.db.script("update second_factors set proved_at = proved_at - interval '1 hour'");
        EXPECT_GE(*(co_await all.landing_record_of(id, "7")).proved, 3600s);
    });
}
