#pragma once
#include "queue/pg_tasks.hpp"
#include "telegram/dialog/update_handler.hpp"
#include "telegram/store/testing_database.hpp"

#include <list>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::telegram::testing {

using namespace std::chrono_literals;

struct moved_clock final : clock {
    time_point now() const override { return at; }
    time_point at{std::chrono::seconds(1'800'000'000)};
};

/// An update handler with people in front of it: 1 is an admin, 2 may give tasks.
struct attends : with_database {
    attends() {
        settings.allowed_user_ids = {1, 2};
        settings.telegram_admin_ids = {1};
        settings.git_remote_url = "/srv/r.git";
        settings.aider_model = "a/b";
        settings.budget_task_usd = 2;
        settings.task_attempts = settings.repair_rounds = 3;
    }

    update_handler_dependencies parts(store::pool& db) {
        tasks_.emplace(db, "a test", std::chrono::seconds(10));
        return {.settings = settings,
                .db = db,
                .tasks = *tasks_,
                .time = time,
                .sealing = [this]() -> const seal& { return sealing; },
                .refused = [this] { ++refused; },
                .wake_workers = {},
                .wake_sender = {},
                .call = [this](std::string method, std::string body) { calls.push_back(method + " " + body); },
                .beside = [this](awaitable<void> what) { beside.push_back(std::move(what)); },
                .facts = [] { return service_facts{.version = "1.2", .sandbox = "bubblewrap"}; },
                .diff = [this](task_id, std::string) -> awaitable<task_diff> { co_return shown; },
                .abort = [this](task_id id) -> awaitable<result<abort_end>> {
                    aborted.push_back(id.value);
                    co_return abort_end::asked;
                },
                .again = [](mechanic::task t) -> awaitable<std::optional<mechanic::order>> {
                    auto order = t.what;
                    order.retry_of = t.id;
                    co_return order;
                },
                .of_answer = [](const mechanic::task& t) -> std::optional<mechanic::order> {
                    if (!std::holds_alternative<mechanic::answered>(t.now)) return std::nullopt;
                    auto order = t.what;
                    order.what = mechanic::order::kind::change;
                    order.from_answer = t.id;
                    return order;
                },
                .look_at_remote = [this](std::string remote, std::string token) -> awaitable<remote_verdict> {
                    looked.push_back(remote + " " + token);
                    co_return verdict;
                },
                .keep_token = [this](const std::string& remote,
                                     const std::string& token) { kept.push_back(remote + " " + token); }};
    }

    /// A message in a private chat.
    arrived says(std::int64_t person, std::string text, std::chrono::milliseconds after = 0ms) {
        boost::json::object who{{"id", person}, {"is_bot", false}, {"first_name", "A"}};
        boost::json::object body{
            {"update_id", ++update_},
            {"message",
             {{"message_id", ++message_},
              {"date", std::chrono::duration_cast<std::chrono::seconds>((time.at + after).time_since_epoch()).count()},
              {"chat", {{"id", person}, {"type", "private"}, {"first_name", "A"}}},
              {"from", who},
              {"text", text}}}};
        return {*read_update(boost::json::serialize(body)),
                time.at + std::chrono::duration_cast<std::chrono::microseconds>(after)};
    }

    /// A press of the newest button with this action.
    awaitable<arrived> presses(store::pool& db, std::int64_t person, std::string act) {
        auto r = co_await db.query("select token, chat_id from buttons where action = $1 order by made_at desc limit 1",
                                   {act});
        boost::json::object body{
            {"update_id", ++update_},
            {"callback_query",
             {{"id", fmt::format("press-{}", update_)},
              {"chat_instance", "1"},
              {"from", {{"id", person}, {"is_bot", false}, {"first_name", "A"}}},
              {"data", r.empty() ? std::string("nothing") : std::string(r.text(0, 0))},
              {"message",
               {{"message_id", ++message_},
                {"date", 1},
                {"from", {{"id", 42}, {"is_bot", true}, {"first_name", "P"}}},
                {"text", "x"},
                {"chat", {{"id", r.empty() ? person : r.number(0, 1)}, {"type", "private"}, {"first_name", "A"}}}}}}}};
        co_return arrived{*read_update(boost::json::serialize(body)), time.at};
    }

    /// The same in answer to a message with this number.
    arrived replies(std::int64_t person, std::int64_t to, std::string text) {
        auto one = says(person, std::move(text));
        auto& m = std::get<message>(one.what.what);
        m.reply = answered_to{.id = to};
        return one;
    }

    /// An edit of the newest message.
    arrived edits(std::int64_t person, std::string text) {
        auto one = says(person, std::move(text));
        auto m = std::get<message>(one.what.what);
        m.id = --message_;
        one.what.what = edited{m};
        return one;
    }

    /// What was told last.
    static awaitable<std::string> told(store::pool& db) {
        auto r = co_await db.query("select coalesce(request -> 'body' ->> 'text', request ->> 'method') from outbox "
                                   "order by id desc limit 1");
        co_return r.empty() ? "" : std::string(r.text(0, 0));
    }

    /// As the reader does: the word that the inbox would hold.
    static awaitable<std::string> hear(update_handler& a, store::pool& db, arrived one) {
        if (auto word = a.dismiss(one)) co_return *word;
        auto what = co_await a.decide(one);
        if (!what.writes.empty()) co_await db.transact(std::move(what.writes));
        if (what.then) what.then();
        co_return what.name;
    }

    config::settings settings;
    moved_clock time;
    int refused = 0;
    seal sealing{"a test's"};
    std::vector<std::string> calls, looked, kept;
    std::vector<std::int64_t> aborted;
    std::list<awaitable<void>> beside;
    task_diff shown;
    remote_verdict verdict;

private:
    std::optional<queue::pg_tasks> tasks_;
    std::int64_t update_ = 100, message_ = 500;
};

/// Runs one statement that counts rows of `what`.
inline awaitable<std::int64_t> count_of(store::pool& db, std::string what) { // the test's
    co_return (co_await db.query("select count(*) from " + what)).number(0, 0);
}

} // namespace persais::telegram::testing
