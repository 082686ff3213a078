// What a person may do by the API as their rights change: rules about deploying, codes, how much of theirs waits, and
// lists in which most is another's.
#include "base/told.hpp"
#include "base/totp.hpp"
#include "config/master_key.hpp"
#include "pgserver/testing.hpp"
#include "queue/api_tasks.hpp"
#include "queue/forge_inbox.hpp"
#include "queue/people.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "service/api_tokens.hpp"
#include "service/caller_tasks.hpp"
#include "service/limits.hpp"
#include "service/people.hpp"
#include "service/second_factor.hpp"
#include "store/migrate.hpp"

#include <limits>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;
using namespace std::chrono_literals;
using mechanic::verdict;
using reason = refusal::reason;

namespace {

const std::string commit(40, 'c');

struct moved_clock final : clock {
    time_point now() const override { return at; }
    time_point at{std::chrono::seconds(1'800'000'000)};
};

struct rights : ::testing::Test {
    pgserver::testing::scratch_database database;
    config::settings settings;
    moved_clock time;

    rights() {
        settings.git_remote_url = "https://github.com/you/shop";
        settings.aider_model = "m";
        settings.task_attempts = 3;
        settings.budget_task_usd = 2;
        settings.budget_day_usd = 10;
        settings.telegram_admin_ids = {5, 6};
        settings.allowed_user_ids = {7, 8};
    }

    struct world {
        rights& test;
        store::pool& db;
        queue::pg_tasks& queue;
        caller_tasks& calls;

        /// As the database knows them now.
        awaitable<caller> person(std::int64_t id) {
            co_return caller{.token = id, .person = id, .scopes = {}, .known = co_await load_known_people(db)};
        }
        /// A task with a result that may be deployed, given by a person; nullopt: at a terminal.
        awaitable<task_id> result_of(std::optional<std::int64_t> giver) {
            caller who{.token = 1, .person = giver, .scopes = {}, .known = co_await load_known_people(db)};
            auto made = co_await calls.submit(who, {.instruction = "Mend the sum."}, {});
            EXPECT_TRUE(made) << (made ? "" : made.error().sentence);
            co_await becomes(made->id, mechanic::review{commit, verdict::ready});
            co_return made->id;
        }
        awaitable<void> becomes(task_id id, mechanic::state now) {
            auto was = co_await queue.load(id);
            auto next = queue::testing::in_state(was->task, std::move(now));
            next.known.base_branch = "main";
            EXPECT_TRUE(co_await queue.save(*was, next, false));
        }
        /// Why not, in both languages' keeping; "" when it was begun, "2 of 3" while others have to agree.
        awaitable<std::string> deploys(caller who, task_id id, std::string code = "", bool back = false) {
            auto begun = co_await calls.land(who, id, back, {.commit = commit, .by = {}}, secret(std::move(code)));
            if (begun) co_return begun->waits() ? fmt::format("{} of {}", begun->approvals, begun->needed) : "";
            EXPECT_TRUE(russian_of(begun.error().sentence)) << begun.error().sentence;
            co_return begun.error().sentence;
        }
        awaitable<std::string> state_of(task_id id) {
            co_return std::string(mechanic::name_of((co_await queue.load(id))->task.now));
        }
    };

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](std::string url, rights& all, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            queue::pg_tasks queue(db, "me", 10s);
            tasks rules(all.settings, queue, all.time);
            remote_tokens tokens;
            known_repositories none(db, all.settings, tokens, {});
            caller_tasks tried(db, rules, queue, none, all.time, [] {});
            co_await work(world{all, db, queue, tried});
            db.close();
        }(database.url(), *this, std::move(body)));
    }
};

bool says(const std::string& text, std::string_view part) {
    return text.contains(part);
}

template <class T>
std::optional<reason> why(const answer<T>& a) {
    return a ? std::nullopt : std::optional(a.error().why);
}

} // namespace

TEST_F(rights, of_a_rule_that_names_people_are_those_peoples_and_no_admins) {
    settings.deploy_rules = "you/shop by=8";
    with([](world on) -> awaitable<void> {
        auto id = co_await on.result_of(7);
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(5), id), "Only these people may deploy here"));
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(7), id), "Only these people may deploy here"));
        EXPECT_TRUE(co_await on.calls.look(co_await on.person(8), id)) << "what they are to land they may look at";
        EXPECT_EQ(why(co_await on.calls.discard(co_await on.person(8), id, false, "")), reason::not_yours);
        EXPECT_EQ(co_await on.deploys(co_await on.person(8), id), "");
        EXPECT_EQ(co_await on.state_of(id), "queued");
        EXPECT_EQ(co_await on.deploys({.token = 1}, co_await on.result_of(7)), "") << "who owns the machine always may";
    });
}

TEST_F(rights, to_ones_own_work_are_nobodys_where_it_is_off_however_it_was_asked_for) {
    settings.deploy_rules = "* own=off";
    settings.telegram_admin_ids = {5, 6, 9};
    with([](world on) -> awaitable<void> {
        auto mine = co_await on.result_of(5);
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(5), mine), "Whoever asked for a change"));
        auto was = co_await on.queue.load(mine);
        EXPECT_TRUE(co_await on.calls.reply(co_await on.person(6), mine, "And the tests.", {}));
        co_await on.db.query("update task_turns set state = 'begun'");
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(6), mine), "Whoever asked for a change"))
            << "a reply asks for some of it";
        EXPECT_EQ(co_await on.deploys(co_await on.person(9), mine), "");

        auto forge = co_await on.result_of({});
        co_await on.db.transact({queue::came_from_forge(
            {.task = forge, .turn = 0, .remote = "r", .number = 3, .author = "ann", .person = 5})});
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(5), forge), "Whoever asked for a change"))
            << "they wrote it at the forge";
        EXPECT_EQ(co_await on.deploys({.token = 1}, forge), "") << "the terminal did not ask for it";

        auto first = co_await on.result_of(5);
        co_await on.becomes(first, mechanic::aborted{});
        auto again = co_await on.calls.retry(co_await on.person(6), first, {});
        EXPECT_TRUE(again);
        co_await on.becomes(again->id, mechanic::review{commit, verdict::ready});
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(5), again->id), "Whoever asked for a change"))
            << "the words are theirs still";
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(6), again->id), "Whoever asked for a change"));

        co_await on.becomes(first, mechanic::deployed{commit});
        EXPECT_EQ(co_await on.deploys(co_await on.person(5), first, "", true), "") << "to take back one's own is safe";
    });
}

TEST_F(rights, of_several_who_have_to_agree_count_as_they_are_when_the_last_one_does) {
    settings.deploy_rules = "* approvals=2";
    with([this](world on) -> awaitable<void> {
        auto id = co_await on.result_of(7);
        EXPECT_EQ(co_await on.deploys(co_await on.person(5), id), "1 of 2");
        EXPECT_EQ(co_await on.deploys(co_await on.person(5), id), "1 of 2") << "saying it twice is one word";
        settings.telegram_admin_ids = {6};
        EXPECT_EQ(co_await on.deploys(co_await on.person(6), id), "1 of 2") << "5 is no admin any more";
        EXPECT_EQ(co_await on.state_of(id), "review");
        EXPECT_EQ(co_await on.deploys({.token = 1}, id), "");
    });
}

TEST_F(rights, that_went_are_gone_for_a_token_that_stays) {
    with([this](world on) -> awaitable<void> {
        auto made = co_await make_api_token(on.db, settings,
                                            {.name = "x", .scopes = {"deploy", "read"}, .person = 5, .by = "terminal"});
        EXPECT_TRUE(made);
        auto id = co_await on.result_of(7);
        auto who = co_await caller_with(on.db, settings, made->token);
        EXPECT_TRUE(who && who->everywhere(settings) == role::admin);
        settings.telegram_admin_ids = {6};
        settings.allowed_user_ids = {5, 7};
        who = co_await caller_with(on.db, settings, made->token);
        EXPECT_TRUE(who && who->everywhere(settings) == role::user);
        EXPECT_EQ(why(co_await on.calls.look(*who, id)), reason::not_yours);
        EXPECT_EQ(why(co_await on.calls.raise_budget(*who, id, 3)), reason::not_yours);
        EXPECT_TRUE(says(co_await on.deploys(*who, id), "another person's"));
        settings.allowed_user_ids = {7};
        EXPECT_FALSE(co_await caller_with(on.db, settings, made->token)) << "no right at all";
        co_await on.db.transact({queue::set_role(5, "you/other", "deployer", "6", {6})});
        who = co_await caller_with(on.db, settings, made->token);
        EXPECT_TRUE(who && who->in("https://github.com/you/other", settings) == role::deployer);
        EXPECT_EQ(who->in("https://github.com/you/shop", settings), role::stranger);
        EXPECT_EQ(why(co_await on.calls.submit(*who, {.instruction = "Mend."}, {})), reason::not_yours);
        EXPECT_EQ(why(co_await on.calls.look(*who, id)), reason::not_yours);
        settings.app_env = config::mode::production;
        settings.telegram_admin_ids = {};
        EXPECT_FALSE(co_await caller_with(on.db, settings, made->token)) << "nobody answers for it";
    });
}

TEST_F(rights, of_who_gave_a_task_last_no_longer_than_to_give_any) {
    with([](world on) -> awaitable<void> {
        auto id = co_await on.result_of(7);
        co_await on.db.transact({queue::set_role(7, "you/shop", "reader", "5", {5})});
        auto who = co_await on.person(7);
        EXPECT_TRUE(co_await on.calls.look(who, id));
        EXPECT_EQ(why(co_await on.calls.reply(who, id, "Go on.", {})), reason::readers_only);
        EXPECT_EQ(why(co_await on.calls.retry(who, id, {})), reason::not_yours);
        EXPECT_EQ(why(co_await on.calls.abort(who, id, commit)), reason::not_yours);
        EXPECT_EQ(why(co_await on.calls.discard(who, id, false, commit)), reason::not_yours);
        EXPECT_EQ(co_await on.state_of(id), "review");
    });
}

TEST_F(rights, to_deploy_need_a_code_where_that_is_set_and_it_opens_for_some_minutes) {
    settings.deploy_second_factor = "totp";
    settings.deploy_second_factor_window = 5min;
    settings.persais_master_key = secret(std::string(40, 'k'));
    with([this](world on) -> awaitable<void> {
        auto id = co_await on.result_of(7);
        auto five = co_await on.person(5);
        EXPECT_TRUE(says(co_await on.deploys(five, id, "123456"), "none is set up"));
        auto master = config::master_key(settings);
        seal sealing(*master);
        second_factors factors(on.db, sealing, time);
        auto app = *co_await factors.begin("5");
        EXPECT_TRUE(co_await factors.prove("5", secret(totp::code_of(app, totp::step_at(time.at)))));
        co_await on.db.query("update second_factors set proved_at = proved_at - interval '1 hour'");
        time.at += 90s;
        auto code = totp::code_of(app, totp::step_at(time.at));
        EXPECT_TRUE(says(co_await on.deploys(five, id), "need a code"));
        EXPECT_FALSE(says(co_await on.deploys(five, id, code == "000000" ? "111111" : "000000"), "need a code"));
        EXPECT_EQ(co_await on.state_of(id), "review");
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(7), id, code), "Only an admin"));
        EXPECT_TRUE(says(co_await on.deploys(co_await on.person(6), id, code), "none is set up"))
            << "another's code opens nothing";
        EXPECT_EQ(co_await on.deploys(five, id, code), "") << "so it was not used up by those";
        auto next = co_await on.result_of(7);
        EXPECT_EQ(co_await on.deploys(five, next), "") << "within the window";
        co_await on.db.query("update second_factors set proved_at = proved_at - interval '5 minutes'");
        auto last = co_await on.result_of(7);
        EXPECT_TRUE(says(co_await on.deploys(five, last), "need a code"));
        EXPECT_FALSE((co_await on.deploys(five, last, code)).empty()) << "each code once";
    });
}

TEST_F(rights, to_let_tasks_wait_count_them_all_whichever_way_they_came) {
    with([this](world on) -> awaitable<void> {
        auto seven = co_await on.person(7);
        co_await on.db.query("insert into budgets (kind, name, waiting, set_by) values ('person', '7', 3, '5')");
        auto of_chat = co_await on.queue.add({.remote = settings.git_remote_url, .instruction = "x", .model = "m"});
        co_await on.db.query("insert into task_chats (task_id, chat_id, person_id, message_id, language) values "
                             "($1::bigint, 7, 7, 1, 'en')",
                             {of_chat.str()});
        auto of_forge = co_await on.queue.add({.remote = settings.git_remote_url, .instruction = "x", .model = "m"});
        co_await on.db.transact({queue::came_from_forge(
            {.task = of_forge, .turn = 0, .remote = "r", .number = 3, .author = "seven", .person = 7})});
        EXPECT_TRUE(co_await on.calls.look(seven, of_chat) && co_await on.calls.look(seven, of_forge));
        EXPECT_TRUE(co_await on.calls.submit(seven, {.instruction = "Mend the sum."}, {}));
        EXPECT_EQ(why(co_await on.calls.submit(seven, {.instruction = "Mend the sum."}, {})), reason::too_many);
        EXPECT_TRUE(co_await on.calls.abort(seven, of_chat, ""));
        EXPECT_TRUE(co_await on.calls.submit(seven, {.instruction = "Mend the sum."}, {})) << "one waits no more";
        EXPECT_TRUE(co_await on.calls.submit(co_await on.person(8), {.instruction = "Mend the sum."}, {}));
        for (int i = 0; i < 3; ++i)
            EXPECT_TRUE(co_await on.calls.submit({.token = 1}, {.instruction = "Mend the sum."}, {}))
                << "a terminal's are not counted";
        auto forge_author = co_await queue::author_at_forge(on.db, "github", "seven");
        EXPECT_FALSE(forge_author.person) << "not linked";
        co_await on.db.query("insert into people (id) values (7) on conflict do nothing");
        co_await on.db.query("insert into identities (kind, id, person) values ('github', 'seven', 7)");
        EXPECT_EQ((co_await queue::author_at_forge(on.db, "github", "seven")).waiting, 3)
            << "and the forge counts what came by the API";
    });
}

TEST_F(rights, to_some_tasks_among_many_of_others_find_them_page_by_page) {
    settings.deploy_rules = "team/other by=8"; // so that tasks of others have to be looked at
    with([](world on) -> awaitable<void> {
        auto first = co_await on.result_of(7);
        co_await on.db.query("insert into tasks (kind, remote, instruction, model, budget_usd, attempts_most, "
                             "rounds_most, foreground, conversation, state, not_before) select kind, remote, 'x', "
                             "model, budget_usd, attempts_most, rounds_most, foreground, '[]', 'queued', now() from "
                             "tasks, generate_series(1, $1::int) where id = $2::bigint",
                             {std::to_string(limits::list_reads * limits::listed_at_once + 5), first.str()});
        auto newest = co_await on.result_of(7);
        auto seven = co_await on.person(7);
        auto page = co_await on.calls.list(seven, {.most = 2});
        EXPECT_TRUE(page.tasks.size() == 1 && page.tasks[0].id == newest && page.before) << "not all at once";
        page = co_await on.calls.list(seven, {.before = page.before, .most = 2});
        EXPECT_TRUE(page.tasks.size() == 1 && page.tasks[0].id == first && !page.before) << "that was the last";
        page = co_await on.calls.list(co_await on.person(5), {.most = 200});
        EXPECT_TRUE(page.tasks.size() == 200 && page.before && *page.before == page.tasks.back().id);
        page = co_await on.calls.list(seven, {.giver = 5, .most = 2});
        EXPECT_EQ(page.tasks.size(), 1U) << "whom the caller asks for is not looked at";
    });
}

TEST_F(rights, to_spend_are_of_amounts_and_nothing_else) {
    with([](world on) -> awaitable<void> {
        const double no_number = std::numeric_limits<double>::quiet_NaN(),
                     endless = std::numeric_limits<double>::infinity();
        for (auto usd : {no_number, endless, -endless, -1.0, 0.0}) {
            caller_tasks::wish what{.instruction = "Mend the sum.", .budget_usd = usd};
            EXPECT_EQ(why(co_await on.calls.submit(co_await on.person(7), what, {})), reason::admins_only) << usd;
            EXPECT_EQ(why(co_await on.calls.submit(co_await on.person(5), what, {})), reason::bad_budget) << usd;
        }
        auto id = co_await on.result_of(7);
        EXPECT_EQ(why(co_await on.calls.raise_budget(co_await on.person(5), id, no_number)), reason::bad_budget);
        EXPECT_EQ(why(co_await on.calls.raise_budget(co_await on.person(8), id, 3)), reason::not_yours);
        EXPECT_EQ(why(co_await on.calls.raise_budget({.token = 1}, id, 11)), reason::over_day);
        EXPECT_EQ(why(co_await on.calls.raise_budget({.token = 1}, {99}, 3)), reason::no_task);
    });
}
