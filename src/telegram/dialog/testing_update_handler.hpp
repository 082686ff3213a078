#pragma once
#include "queue/pg_tasks.hpp"
#include "telegram/dialog/update_handler.hpp"
#include "telegram/store/testing_database.hpp"

#include <list>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::telegram::testing {

using namespace std::chrono_literals;

struct moved_clock final : clock {
    time_point now() const override { return at; }
    time_point at{std::chrono::seconds(1'800'000'000)};
};

/// Shows what the test says, because reading a real diff needs git.
struct shown_diffs final : service::diffs {
    awaitable<service::task_diff> read(mechanic::task, std::string, service::diff_range, std::size_t) override {
        co_return shown;
    }
    service::task_diff shown;
};

/// Remotes that give the results that the test says.
struct noted_remotes final : service::remotes {
    awaitable<service::remote_verdict> look_at(std::string remote, secret token) override {
        looked.push_back(remote + " " + token.reveal());
        co_return verdict;
    }
    void keep_token(const std::string& remote, const secret& token) override {
        kept.push_back(remote + " " + token.reveal());
    }
    service::remote_verdict verdict;
    std::vector<std::string> looked, kept;
};

/// An endpoint that lists what the test says.
struct listed_models final : service::model_catalogue {
    std::optional<std::vector<std::string>> all = {{"a/b", "a/better", "c/d"}};
    awaitable<std::optional<std::vector<std::string>>> names() override { co_return all; }
    awaitable<bool> knows(std::string name) override { co_return all&& std::ranges::find(*all, name) != all->end(); }
};

/// An update handler with people who use it: 1 is an admin, 2 may give tasks.
struct with_update_handler : with_database {
    with_update_handler() {
        settings.allowed_user_ids = {1, 2};
        settings.telegram_admin_ids = {1};
        settings.git_remote_url = "/srv/r.git";
        settings.aider_model = "a/b";
        settings.budget_task_usd = 2;
        settings.task_attempts = settings.repair_rounds = 3;
    }

    update_handler_dependencies dependencies(store::pool& db) {
        tasks_.emplace(db, "a test", std::chrono::seconds(10));
        rules_.emplace(settings, *tasks_, time);
        return {.settings = settings,
                .db = db,
                .tasks = *rules_,
                .diffs = diffs,
                .remotes = remotes,
                .models = models,
                .time = time,
                .sealing = [this]() -> const seal& { return sealing; },
                .refused = [this] { ++refused; },
                .wake_workers = {},
                .wake_sender = {},
                .call = [this](std::string method, std::string body) { calls.push_back(method + " " + body); },
                .read_document = [this](attachment what) { return read(std::move(what)); },
                .beside = [this](awaitable<void> what) { beside.push_back(std::move(what)); },
                .facts = [] { return service_facts{.version = "1.2", .sandbox = "bubblewrap"}; }};
    }

    /// The rules that the command line asks too.
    service::tasks& rules() { return *rules_; }

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

    /// A press of the newest button with this action, in the person's own chat if there is one; `argument` empty: with
    /// any argument.
    awaitable<arrived> presses(store::pool& db, std::int64_t person, std::string act, std::string argument = "") {
        auto r = co_await db.query("select token, chat_id from buttons where action = $1 and $2 in ('', argument) "
                                   "order by chat_id = $3::bigint desc, made_at desc limit 1",
                                   {act, argument, std::to_string(person)});
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

    /// A message that replies to the message with this number.
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

    /// The message that was written to the outbox last.
    static awaitable<std::string> told(store::pool& db) {
        auto r = co_await db.query("select coalesce(request -> 'body' ->> 'text', request ->> 'method') from outbox "
                                   "order by id desc limit 1");
        co_return r.empty() ? "" : std::string(r.text(0, 0));
    }

    /// Decides as the reader does; returns the word that the inbox would hold.
    static awaitable<std::string> hear(update_handler& a, store::pool& db, arrived one) {
        arrived_page page{one};
        co_await a.look_over(page);
        if (auto word = a.dismiss(one)) co_return *word;
        auto what = co_await a.decide(one);
        if (!what.writes.empty()) co_await db.transact(std::move(what.writes));
        if (what.then) what.then();
        co_return what.name;
    }

    /// The files that people send, by file_id; one that is not there is not given.
    std::map<std::string, result<std::string, unread>> files;
    awaitable<result<std::string, unread>> read(attachment what) {
        if (what.what != attachment::kind::document) co_return std::unexpected(unread::no_text);
        auto found = files.find(what.file);
        co_return found == files.end() ? std::unexpected(unread::not_given) : found->second;
    }

    config::settings settings;
    moved_clock time;
    int refused = 0;
    seal sealing{secret("a test's")};
    std::vector<std::string> calls;
    std::list<awaitable<void>> beside;
    shown_diffs diffs;
    noted_remotes remotes;
    listed_models models;

private:
    std::optional<queue::pg_tasks> tasks_;
    std::optional<service::tasks> rules_;
    std::int64_t update_ = 100, message_ = 500;
};

/// How many rows of `what` there are.
inline awaitable<std::int64_t> count_of(store::pool& db, std::string what) { // `db` outlives it
    co_return (co_await db.query("select count(*) from " + what)).number(0, 0);
}

} // namespace persais::telegram::testing
