#include "api/task_json.hpp"
#include "api/testing_document.hpp"
#include "queue/testing.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
using namespace persais::api::testing;
using namespace mechanic;
using namespace std::chrono_literals;

namespace {

const std::string made(40, 'c');
const time_point then{std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + 23h + 59min + 59s + 7ms};

std::string misfit_of(const json::value& v, const char* schema) {
    return misfit(v, schemas().at(schema).as_object(), schema);
}

/// One of each state.
std::vector<state> all_states() {
    return {queued{then},
            preparing{1},
            coding{2, 3},
            checking{2, 3},
            publishing{1, made},
            answering{1},
            review{made},
            waiting{wait_reason::credit, then, then + 1h},
            failed{verdict::no_change, "", "Nothing came of it."},
            aborted{},
            parked{"It waits for a person."},
            expired{},
            answered{},
            deploying{1, 0, made},
            deployed{made},
            rolling_back{1, 0, made},
            rolled_back{made},
            discarded{made}};
}

task some_task(state now) {
    task t{.id = {17},
           .what = {.remote = "https://github.com/you/shop", .instruction = "Mend \"it\"\n\tя😀\x01", .model = "m"},
           .known = {},
           .now = queued{}};
    t.what.budget_usd = 2;
    return queue::testing::in_state(std::move(t), std::move(now));
}

json::object shown(task t) {
    return task_json({.task = std::move(t), .around = {.created = then, .changed = then}, .spent = {}});
}

} // namespace

TEST(task_json, of_each_state_is_as_the_document_says) {
    std::set<std::string> seen;
    for (auto& each : all_states()) {
        std::string name(name_of(each));
        seen.insert(name);
        auto told = shown(some_task(std::move(each)));
        EXPECT_EQ(misfit_of(told, "Task"), "") << name;
        EXPECT_EQ(text_in(told, "state"), name);
        EXPECT_EQ(text_in(told, "task"), "17") << "a text: numbers of programs are less exact than ours";
        EXPECT_EQ(json::parse(to_text(told)).at("instruction").as_string(), "Mend \"it\"\n\tя😀\x01");
        EXPECT_EQ(told.at("waits").is_object(), name == "waiting") << name;
        EXPECT_EQ(told.at("landing").is_object(), name == "deploying" || name == "rolling_back") << name;
        EXPECT_EQ(text_in(told, "created"), "2026-02-28T23:59:59.007Z");
    }
    auto all = state_names();
    EXPECT_EQ(seen, std::set<std::string>(all.begin(), all.end()));
}

TEST(task_json, has_all_that_can_be_known_of_a_task_and_it_fits_too) {
    auto t = some_task(deploying{1, 0, made});
    t.what.what = order::kind::question;
    t.what.retry_of = task_id{3};
    t.what.from_answer = task_id{4};
    t.known.turn = 2;
    t.known.seen = health{false, "It answers 500."};
    t.known.on_base = landed{made, std::string(64, 'b')};
    t.known.made->noted = {{"ci", ".github/workflows/a.yml"}, {"lock", "package-lock.json"}, {"licence", "LICENSE"}};
    t.known.lands->waits_on = request_wait{};
    t.known.lands->anyway = true;
    t.known.lands->by = std::string(by_health);
    t.known.base = std::string(40, 'a');
    t.known.check = {"make check", "CHECK_COMMAND"};
    t.known.edits_failed = {"", "a.cpp"};
    t.known.seconds = {.preparing = 1.23456, .coding = 1e6, .checking = 0, .publishing = 0.0004};
    task_view all{.task = t,
                  .around = {.created = then,
                             .changed = then,
                             .abort_wished = true,
                             .told = "It is under way.",
                             .retried_as = task_id{18},
                             .kept_replies = 3},
                  .spent = {.tokens_sent = 2140,
                            .tokens_received = 310,
                            .tokens_cached = 5,
                            .cost_usd = 0.12345678,
                            .estimated = true,
                            .calls = 2},
                  .turns = {{.turn = 1, .instruction = "And this."}, {.turn = 2, .instruction = ""}},
                  .approvals = service::tasks::approvals_so_far{.task = t.id, .by = {"7", "terminal"}, .needed = 3},
                  .given = {{.id = 1, .remote = "r", .kind = "note", .at = then},
                            {.id = 2, .remote = "r", .kind = "change", .task = task_id{5}, .at = then}}};
    auto told = task_json(all);
    EXPECT_EQ(misfit_of(told, "Task"), "");
    EXPECT_EQ(json::serialize(told.at("tokens")), R"({"sent":2140,"received":310,"cached":5})");
    EXPECT_EQ(told.at("cost_usd"), json::value(0.123457));
    EXPECT_EQ(told.at("seconds").at("preparing"), json::value(1.235));
    EXPECT_EQ(told.at("seconds").at("publishing"), json::value(0.0));
    EXPECT_EQ(json::serialize(told.at("approvals")), R"({"by":["7","terminal"],"needed":3})");
    EXPECT_TRUE(told.at("recalled").at(0).at("task").is_null());
    EXPECT_EQ(told.at("recalled").at(1).at("task"), json::value("5"));
    EXPECT_EQ(told.at("retried_as"), json::value("18"));
    EXPECT_EQ(told.at("landing").at("by"), json::value("health"));
    EXPECT_EQ(text_in(told, "kind"), "question");
    EXPECT_EQ(told.at("edits_failed").to_number<int>(), 2);
}

TEST(task_json, of_events_lists_people_and_money_is_as_the_document_says) {
    for (const auto* kind : {"state", "progress", "log"}) {
        auto told = happening_json({17}, {.number = 5, .at = then, .kind = kind, .text = "a\nb", .state = "coding"});
        EXPECT_EQ(misfit_of(told, "Event"), "") << kind;
        EXPECT_EQ(to_text(told).find('\n'), std::string::npos) << "one line, as a stream of events needs";
    }
    queue::summary s{.id = {17}, .created = then, .changed = then, .state = "waiting", .wait_reason = "credit"};
    EXPECT_EQ(misfit_of(summary_json(s), "TaskSummary"), "");
    queue::team_member who{.id = -5,
                           .name = "Ann",
                           .grants = {{-5, "", "admin"}, {-5, "you/shop", "reader"}},
                           .known_as = {{"github", "12"}, {"terminal", "terminal"}}};
    EXPECT_EQ(misfit_of(person_json(who), "Person"), "");
    for (const auto* by : {"day", "repository", "person", "model", "task"})
        EXPECT_EQ(misfit_of(cost_json(by, {.name = "", .usd = "0.10", .estimated_usd = "0", .reserved_usd = "0"}),
                            "CostLine"),
                  "")
            << by;
}

TEST(task_json, says_of_a_repository_that_it_has_secrets_and_none_of_them) {
    queue::repository one{.name = "shop", .remote = "https://github.com/you/shop"};
    one.sealed_token = "sealed-token";
    one.environment = {{"API_KEY", "sealed-value"}, {"OTHER", "sealed-too"}};
    auto told = repository_json(one);
    EXPECT_EQ(misfit_of(told, "Repository"), "");
    EXPECT_EQ(told.at("token"), json::value(true));
    EXPECT_EQ(json::serialize(told.at("environment")), R"(["API_KEY","OTHER"])");
    EXPECT_EQ(json::serialize(told).find("sealed"), std::string::npos);
}

TEST(task_json, an_answer_that_is_not_as_the_document_says_is_found) {
    auto good = shown(some_task(queued{}));
    auto with = [&](const char* name, json::value v) {
        auto other = good;
        other[name] = std::move(v);
        return misfit_of(other, "Task");
    };
    EXPECT_EQ(misfit_of(good, "Task"), "");
    EXPECT_EQ(with("more", 1), "Task.more is not described");
    for (const auto& bad : {with("task", 17), with("state", "resting"), with("commit", "abc"), with("turn", -1),
                            with("created", "2026-02-28"), with("turns", json::array{1}), with("retry_of", "x")})
        EXPECT_NE(bad, "");
    good.erase("sentence");
    EXPECT_NE(misfit_of(good, "Task"), "");
}

TEST(stamp, has_three_digits_of_a_second_whatever_the_time) {
    EXPECT_EQ(stamp(time_point{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(stamp(time_point{} + 999ms), "1970-01-01T00:00:00.999Z");
    EXPECT_EQ(stamp(time_point{} + 1999999us), "1970-01-01T00:00:01.999Z") << "never a time that was not yet";
    EXPECT_EQ(stamp(time_point{} - 1ms), "1969-12-31T23:59:59.999Z");
}
