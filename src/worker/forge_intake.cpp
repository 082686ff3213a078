#include "worker/forge_intake.hpp"

#include "base/async.hpp"
#include "forge/clients.hpp"
#include "service/forge_orders.hpp"
#include "worker/forge_listening.hpp"
#include "worker/limits.hpp"
#include "worker/requests_of.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::worker {

namespace {

constexpr std::string_view done_before = "PX001", taken_meanwhile = "23505";

std::chrono::seconds pause_after(int tries, const forge::trouble& why) {
    auto pause = std::min<std::chrono::seconds>(limits::forge_intake_first * (1 << std::min(tries, 10)),
                                                limits::forge_intake_most);
    return std::max(pause, why.retry_after.value_or(pause));
}

bool is_over(int tries, const forge::trouble& why) {
    return why.what == forge::trouble::kind::refused || tries + 1 >= limits::forge_intake_tries;
}

forge::trouble too_late() {
    return {forge::trouble::kind::away, "the forge did not answer in time", {}};
}

} // namespace

void forge_intake::wake() {
    if (news_) news_->set();
}

awaitable<void> forge_intake::attempt(queue::heard what) {
    decision came;
    try {
        came = co_await with_deadline(limits::forge_intake_answer, decide(what));
    } catch (const deadline_passed&) {
        came = std::unexpected(too_late());
    } catch (const queue::unusable_row& e) {
        came = std::unexpected(forge::trouble{forge::trouble::kind::away, e.what(), {}});
    }
    if (!came) {
        spdlog::warn("what was written at {} ({} {}) is not read yet: {}", what.remote, what.kind, what.thing,
                     came.error().sentence);
        if (!is_over(what.tries, came.error()))
            co_return co_await queue::put_off_heard(db_, what.id, pause_after(what.tries, came.error()));
        came = decided{"failed"};
    }
    bool unstorable = false;
    auto all = std::move(came->writes);
    all.insert(all.begin(), queue::take_heard(what.id, came->effect));
    try {
        co_await db_.transact(std::move(all));
        spdlog::info("{} {} at {}: {}", what.kind, what.thing, what.remote, came->effect);
        co_return;
    } catch (const store::db_error& e) {
        if (e.sqlstate == done_before) co_return;
        // What cannot be stored will not be another time, and would keep back all that was said after it.
        unstorable = e.sqlstate != taken_meanwhile;
        if (unstorable && !e.sqlstate.starts_with("22") && !e.sqlstate.starts_with("23")) throw;
        if (unstorable) spdlog::warn("{} {} at {} cannot be stored: {}", what.kind, what.thing, what.remote, e.what());
    }
    if (unstorable) {
        std::vector<store::statement> end{queue::take_heard(what.id, "failed")};
        co_await db_.transact(std::move(end));
        co_return;
    }
    co_await queue::put_off_heard(db_, what.id, std::chrono::seconds(0)); // the number of its turn is another one's
}

awaitable<std::string> forge_intake::said_of(queue::forge_note what) {
    if (!what.body.empty() || !what.task) co_return what.body;
    auto found = co_await with_.requests.load(*what.task);
    if (!found) co_return std::string();
    const auto& t = found->task;
    auto own = service::repository_at(with_.repositories, t.what.remote);
    auto at = forge::place_of(t.what.remote, service::forge_of(own.get(), with_.settings));
    auto page = at && !t.known.branch.empty() ? forge::branch_page(*at, t.known.branch) : std::string();
    co_return service::standing_at_forge(t, page);
}

awaitable<void> forge_intake::attempt(queue::forge_note what) {
    forge::outcome<void> done;
    try {
        auto said = co_await said_of(what);
        auto at = requests_of(with_, what.remote, "FORGE_INTAKE");
        if (!at)
            done = std::unexpected(forge::trouble{forge::trouble::kind::denied, at.error(), {}});
        else if (!said.empty())
            done = co_await with_deadline(limits::forge_intake_answer, (*at)->comment(what.number, said, what.mark));
    } catch (const deadline_passed&) {
        done = std::unexpected(too_late());
    } catch (const queue::unusable_row& e) {
        done = std::unexpected(forge::trouble{forge::trouble::kind::away, e.what(), {}});
    }
    if (done) co_return co_await queue::end_note(db_, what.id);
    spdlog::warn("{} was not told at #{}: {}", what.remote, what.number, done.error().sentence);
    if (is_over(what.tries, done.error())) co_return co_await queue::end_note(db_, what.id);
    co_await queue::put_off_note(db_, what.id, pause_after(what.tries, done.error()));
}

awaitable<std::optional<std::chrono::milliseconds>> forge_intake::attempt_all() {
    for (auto all = co_await queue::claim_heard(db_, limits::forge_intake_hold); !all.empty();
         all = co_await queue::claim_heard(db_, limits::forge_intake_hold))
        for (auto& each : all)
            co_await attempt(std::move(each));
    for (auto all = co_await queue::claim_notes(db_, limits::forge_intake_hold); !all.empty();
         all = co_await queue::claim_notes(db_, limits::forge_intake_hold))
        for (auto& each : all)
            co_await attempt(std::move(each));
    co_return co_await queue::next_at_forge(db_);
}

awaitable<void> forge_intake::run() {
    news_.emplace(co_await asio::this_coro::executor);
    for (;;) {
        std::optional<std::chrono::milliseconds> due;
        news_->reset();
        try {
            due = co_await attempt_all();
        } catch (const store::db_error& e) {
            spdlog::warn("what was written at forges is read later: {}", e.what());
        }
        try {
            if (due)
                co_await with_deadline(std::max<std::chrono::milliseconds>(*due, limits::due_least), news_->wait());
            else
                co_await news_->wait();
        } catch (const deadline_passed&) {
        }
    }
}

} // namespace persais::worker
