#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/begin_turn.hpp"
#include "service/tasks.hpp"
#include "store/migrate.hpp"

#include <cmath>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;

TEST(retry, asks_for_the_same_with_what_the_settings_say_now) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        mechanic::order asked{.remote = "/srv/r.git",
                              .base_branch = "develop",
                              .instruction = "mend it",
                              .check = "make test",
                              .setup = "make deps",
                              .model = "gone/model",
                              .budget_usd = 0.5,
                              .attempts = 1,
                              .repair_rounds = 0,
                              .foreground = true};
        auto first = co_await all.add(asked);
        config::settings now;
        now.aider_model = "new/model";
        now.budget_task_usd = 4;
        now.task_attempts = 5;
        now.repair_rounds = 2;
        system_clock time;
        service::tasks rules(now, all, time);
        EXPECT_EQ((co_await rules.retry(first)).error().why, refusal::reason::under_way);
        EXPECT_EQ(co_await rules.abort(first), abort_end::aborted);
        auto second = co_await rules.retry(first);
        EXPECT_TRUE(second.has_value()) << (second ? "" : second.error().sentence);
        asked.model = "new/model";
        asked.budget_usd = 4;
        asked.attempts = 5;
        asked.repair_rounds = 2;
        asked.foreground = false;
        asked.retry_of = first;
        EXPECT_EQ((co_await all.load(second.value_or(first)))->task.what, asked);
        db.close();
    }(database.url()));
}

namespace {

/// Runs `body` with tasks in a new database.
template <class F>
void with_tasks(F body) {
    pgserver::testing::scratch_database database;
    pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
        store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
        co_await store::migrate(db);
        queue::pg_tasks all(db, "me", 10s);
        co_await work(all);
        db.close();
    }(database.url(), std::move(body)));
}

const std::string commit(40, 'c');

awaitable<task_id> task_in(queue::tasks& all, mechanic::state now,
                           mechanic::order::kind kind = mechanic::order::kind::change) {
    auto id = co_await all.add({.what = kind, .remote = "/srv/r.git", .instruction = "why?", .model = "a/b"});
    auto was = co_await all.load(id);
    auto next = queue::testing::in_state(was->task, std::move(now));
    next.known.said = "because";
    EXPECT_TRUE(co_await all.save(*was, next, false, {.conversation = R"([{"role": "user", "content": "why?"}])"}));
    co_return id;
}

/// The rules with settings that all differ from the defaults.
service::tasks rules(queue::tasks& all) {
    static const config::settings settings = [] {
        config::settings s;
        s.aider_model = "new/model";
        s.task_attempts = 3;
        s.budget_day_usd = 20;
        return s;
    }();
    static const system_clock time;
    return {settings, all, time};
}

awaitable<answer<void>> raise(queue::tasks& all, task_id id, double usd) { // `all` belongs to the test
    co_return co_await rules(all).raise_budget(id, usd, role::admin, relation::owns);
}

std::string state_of(const std::optional<queue::snapshot>& s) {
    return s ? std::string(name_of(s->task.now)) : "none";
}

} // namespace

TEST(reply, to_a_task_that_has_settled_begins_its_next_turn) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::review{commit, mechanic::verdict::ready});
        auto end = co_await rules(all).reply(id, "  and the tests\n", 42);
        EXPECT_TRUE(end && end->begun && end->turn == 1);
        auto now = co_await all.load(id);
        EXPECT_EQ(state_of(now), "queued");
        EXPECT_EQ(now->task.known.asked, "and the tests");
        EXPECT_EQ((co_await all.turns_of(id)).front().person, 42);
    });
}

TEST(reply, to_a_task_that_is_under_way_is_begun_when_that_has_settled) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::queued{});
        for (int turn : {1, 2}) {
            auto end = co_await rules(all).reply(id, "and the tests");
            EXPECT_TRUE(end && !end->begun && end->turn == turn);
        }
        EXPECT_FALSE((co_await rules(all).reply_here(id, "now")).has_value()) << "a terminal does not wait for others";
        co_await begin_turns(all, co_await all.turns_to_begin());
        EXPECT_EQ((co_await all.load(id))->kept->turn, 1);
        for (int turn : {1, 2}) {
            auto was = co_await all.load(id);
            auto next = queue::testing::in_state(was->task, mechanic::review{commit, mechanic::verdict::ready});
            EXPECT_TRUE(co_await all.save(*was, next, false));
            co_await begin_turns(all, co_await all.turns_to_begin());
            EXPECT_EQ((co_await all.load(id))->task.known.turn, turn);
        }
    });
}

TEST(reply, that_is_no_instruction_is_refused) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::aborted{});
        for (const auto& bad :
             {std::string(" \n"), std::string("\xff"), std::string(limits::instruction_characters + 1, 'x')})
            EXPECT_FALSE((co_await rules(all).reply(id, bad)).has_value());
        EXPECT_FALSE((co_await rules(all).reply(task_id{99}, "on")).has_value());
        EXPECT_EQ((co_await all.load(id))->last_turn, 0);
    });
}

TEST(question, that_is_none_is_refused_as_a_question) {
    auto asked = [](std::string_view s) {
        return instruction_from(s, mechanic::order::kind::question).error().sentence;
    };
    EXPECT_EQ(asked(" "), "The question is empty: say in quotes what you want to know.");
    EXPECT_TRUE(asked(std::string(limits::instruction_characters + 1, 'x')).starts_with("The question has "));
    EXPECT_EQ(instruction_from("").error().sentence, "The instruction is empty: say in quotes what should change.");
    EXPECT_EQ(instruction_from(" why? ", mechanic::order::kind::question), "why?");
}

TEST(instruction, in_russian_may_be_as_long_as_in_english) {
    std::string most;
    for (std::size_t i = 0; i < limits::instruction_characters; ++i)
        most += "ж";
    EXPECT_TRUE(instruction_from(most));
    auto longer = instruction_from(most + "ж");
    EXPECT_EQ(longer.error().sentence, "The instruction has 16385 characters; at most 16384 are taken.");
    with_tasks([most](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::aborted{});
        EXPECT_TRUE(co_await rules(all).reply(id, most));
        auto question = *co_await all.load(id);
        question.task.now = mechanic::answered{};
        question.task.what.instruction = most;
        question.task.known.said = most;
        auto made = order_of_answer(question.task, {});
        EXPECT_EQ(text::characters(made->instruction), limits::instruction_characters);
        EXPECT_TRUE(text::valid_utf8(made->instruction));
    });
}

TEST(words, of_thanks_signs_and_invisible_characters_ask_for_nothing) {
    for (const auto* nothing :
         {"-", "…", "👍", "\u200b\u2060", "«»", "Thanks!", "thank you :)", "Спасибо!", "Большое  спасибо 🙏"})
        EXPECT_FALSE(asks_for_something(nothing)) << nothing;
    for (const auto* something : {"fix it", "почини", "Спасибо, а теперь тесты", "7", "直す", "thanks, now the tests"})
        EXPECT_TRUE(asks_for_something(something)) << something;
}

TEST(retry, of_what_was_withdrawn_is_only_of_what_was_said_whole) {
    mechanic::task old{
        .id = {7}, .what = {.instruction = "the beginning", .withdrawn = true}, .now = mechanic::aborted{}};
    EXPECT_EQ(order_of_retry(old, {}, {}).error().why, refusal::reason::too_long);
    auto again = order_of_retry(old, {{1, "in short"}, {2, "and the tests"}}, {});
    EXPECT_EQ(again->instruction, "in short\n\nand the tests");
    EXPECT_FALSE(again->withdrawn);
}

TEST(abort, of_a_turn_leaves_the_result_and_drops_the_replies_that_wait) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::review{commit, mechanic::verdict::ready});
        auto was = co_await all.load(id);
        auto next = was->task;
        next.known.made = mechanic::work{commit};
        EXPECT_TRUE(co_await all.save(*was, next, false));
        EXPECT_TRUE((co_await rules(all).reply(id, "and the tests")).has_value());
        EXPECT_TRUE((co_await rules(all).reply(id, "and the docs")).has_value());
        EXPECT_EQ(co_await rules(all).abort(id), abort_end::turn_aborted);
        co_await begin_turns(all, co_await all.turns_to_begin());
        auto now = co_await all.load(id);
        EXPECT_EQ(state_of(now), "review");
        EXPECT_EQ(now->task.known.came_to_nothing->how, mechanic::verdict::aborted);
        EXPECT_EQ(co_await rules(all).retry(id), id) << "the turn, not the task";
        EXPECT_EQ((co_await all.load(id))->task.known.asked, "and the tests");
    });
}

TEST(retry, asks_for_all_that_was_said_in_the_turns) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::parked{"moved"});
        EXPECT_TRUE((co_await rules(all).reply(id, "and the tests")).has_value());
        EXPECT_EQ(co_await rules(all).abort(id), abort_end::aborted);
        auto again = co_await rules(all).retry(id);
        EXPECT_EQ((co_await all.load(again.value_or(id)))->task.what.instruction, "why?\n\nand the tests");
    });
}

TEST(answer, becomes_a_task_that_knows_what_was_said) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto open = co_await task_in(all, mechanic::queued{}, mechanic::order::kind::question);
        EXPECT_FALSE((co_await rules(all).change_from_answer(open)).has_value());
        auto id = co_await task_in(all, mechanic::answered{}, mechanic::order::kind::question);
        auto made = co_await rules(all).change_from_answer(id);
        auto found = co_await all.load(made.value_or(id));
        const auto& what = found->task.what;
        EXPECT_EQ(what.what, mechanic::order::kind::change);
        EXPECT_EQ(what.from_answer, id);
        EXPECT_EQ(what.model, "new/model");
        EXPECT_EQ(what.remote, "/srv/r.git");
        EXPECT_EQ(what.instruction, "why?\n\nMake the change that this answer proposes:\n\nbecause");
        EXPECT_EQ(found->conversation, R"([{"role": "user", "content": "why?"}])");
    });
}

TEST(budget, is_only_ever_raised) {
    with_tasks([](queue::tasks& all) -> awaitable<void> {
        auto id = co_await task_in(all, mechanic::queued{});
        EXPECT_TRUE((co_await raise(all, id, 4)).has_value());
        for (double usd : {4.0, 3.0, 0.0, -1.0, std::nan(""), HUGE_VAL})
            EXPECT_FALSE((co_await raise(all, id, usd)).has_value()) << usd;
        EXPECT_EQ((co_await all.load(id))->task.what.budget_usd, 4);
        EXPECT_FALSE((co_await raise(all, task_id{99}, 4)).has_value());
    });
}

namespace {

/// A task whose work is held back.
awaitable<task_id> held_task(queue::pg_tasks& all) {
    auto id = co_await all.add({.remote = "/srv/r.git", .instruction = "mend it", .model = "a/b", .budget_usd = 1});
    auto found = co_await all.load(id);
    auto next = found->task;
    auto& k = next.known;
    k.made = mechanic::work{std::string(40, 'c'), {1, 2, 3}, 0};
    k.held_back =
        mechanic::held{mechanic::standing_of(k, mechanic::verdict::ready), {{"a.py", 3, "some-rule", "", "abcd…"}}};
    next.now = mechanic::failed{mechanic::verdict::secret_found, "", "It has what looks like a credential."};
    EXPECT_TRUE(co_await all.save(*found, next, false));
    co_return id;
}

} // namespace

TEST(push_anyway, queues_exactly_what_is_held_and_once) {
    with_tasks([](queue::pg_tasks& all) -> awaitable<void> {
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await held_task(all);
        std::string shown(40, 'c'), other(40, 'd');
        EXPECT_EQ((co_await rules.push_anyway({99}, shown, role::admin, relation::owns)).error().why,
                  refusal::reason::no_task);
        EXPECT_EQ((co_await rules.push_anyway(id, shown, role::user, relation::owns)).error().why,
                  refusal::reason::admins_only);
        EXPECT_EQ((co_await rules.push_anyway(id, other, role::admin, relation::owns)).error().why,
                  refusal::reason::not_held);
        EXPECT_TRUE(co_await rules.push_anyway(id, shown, role::admin, relation::owns));
        auto queued = co_await all.load(id);
        EXPECT_EQ(mechanic::name_of(queued->task.now), "queued");
        EXPECT_EQ(queued->task.known.anyway, shown);
        EXPECT_EQ(queued->task.known.decided, mechanic::verdict::ready);
        EXPECT_FALSE(queued->task.what.foreground);
        EXPECT_EQ((co_await rules.push_anyway(id, shown, role::admin, relation::owns)).error().why,
                  refusal::reason::not_held);
    });
}

TEST(push_anyway, is_too_late_when_the_work_was_given_back) {
    with_tasks([](queue::pg_tasks& all) -> awaitable<void> {
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await held_task(all);
        EXPECT_TRUE(co_await all.keep_reply(id, {1, "take it out"}));
        EXPECT_EQ((co_await rules.push_anyway(id, {}, role::admin, relation::owns)).error().why,
                  refusal::reason::not_held);
        EXPECT_EQ((co_await all.load(id))->kept->instruction, "take it out");
    });
}

TEST(push_anyway, of_a_terminal_is_left_to_it) {
    with_tasks([](queue::pg_tasks& all) -> awaitable<void> {
        config::settings settings;
        system_clock time;
        service::tasks rules(settings, all, time);
        auto id = co_await held_task(all);
        EXPECT_TRUE(co_await rules.push_anyway(id, {}, role::admin, relation::owns, true));
        EXPECT_TRUE((co_await all.load(id))->task.what.foreground);
        EXPECT_FALSE(co_await all.claimable());
        EXPECT_TRUE(co_await all.claimable(id));
    });
}
