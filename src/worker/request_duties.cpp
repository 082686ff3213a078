#include "worker/request_duties.hpp"

#include "base/async.hpp"
#include "base/told.hpp"
#include "worker/limits.hpp"
#include "worker/request_merge.hpp"
#include "worker/request_text.hpp"
#include "worker/requests_of.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::worker {

std::string words_of(const queue::request_duty& what) {
    const auto task = what.task.str();
    if (!what.close) return fmt::format("A person took the result of task {} up again.", task);
    if (what.state == "expired") return fmt::format("Nobody decided on the result of task {} in time.", task);
    if (what.state == "aborted") return fmt::format("A person ended task {}.", task);
    return fmt::format("A person put the result of task {} away.", task);
}

awaitable<forge::outcome<void>> carry_out(forge::requests& at, mechanic::task t, queue::request_duty what) {
    auto all = co_await at.of_branch(t.known.branch, t.known.base_branch);
    if (!all) co_return std::unexpected(std::move(all.error()));
    const auto wanted = what.close ? forge::request::state::open : forge::request::state::closed;
    auto found = std::ranges::find(*all, wanted, &forge::request::now);
    bool open = std::ranges::any_of(*all, [](auto& r) { return r.now == forge::request::state::open; });
    if (found == all->end() || (!what.close && open)) co_return forge::outcome<void>{};
    // The comment goes first, so that a request is never seen closed without a reason.
    const auto mark = fmt::format("task-{}-{}-{}", what.task.value, what.close ? "closed" : "again", what.number);
    if (auto said = co_await at.comment(found->number, words_of(what), mark); !said) co_return said;
    if (what.close) co_return co_await at.close(found->number);
    co_return co_await at.reopen(found->number);
}

void request_duties::wake() {
    if (news_) news_->set();
}

awaitable<void> request_duties::attempt(queue::request_duty what) {
    std::optional<queue::snapshot> found;
    try {
        found = co_await with_.leases.load(what.task);
    } catch (const queue::unusable_row& e) {
        spdlog::warn("task {}: its request stays as it is: {}", what.task.value, e.what());
    }
    if (!found) co_return co_await queue::end_request_duty(db_, what);
    forge::outcome<void> done;
    auto at = requests_of(with_, found->task.what.remote, "DEPLOY_STRATEGY=request");
    if (at) {
        try {
            done = co_await with_deadline(limits::request_duty_answer, carry_out(**at, found->task, what));
        } catch (const deadline_passed&) {
            done = std::unexpected(forge::trouble{forge::trouble::kind::away, "the forge did not answer in time", {}});
        }
    } else {
        done = std::unexpected(forge::trouble{forge::trouble::kind::denied, at.error(), {}});
    }
    if (done) co_return co_await queue::end_request_duty(db_, what);
    const bool over =
        done.error().what == forge::trouble::kind::refused || what.tries + 1 >= limits::request_duty_tries;
    spdlog::warn("task {}: its request was not {}: {}", what.task.value, what.close ? "closed" : "opened again",
                 done.error().sentence);
    if (over) co_return co_await queue::end_request_duty(db_, what);
    auto pause = std::min<std::chrono::seconds>(limits::request_duty_first * (1 << std::min(what.tries, 10)),
                                                limits::request_duty_most);
    co_await queue::put_off_request_duty(db_, what, std::max(pause, done.error().retry_after.value_or(pause)));
}

awaitable<std::optional<std::chrono::milliseconds>> request_duties::attempt_all() {
    for (auto all = co_await queue::claim_request_duties(db_, limits::request_duty_hold); !all.empty();
         all = co_await queue::claim_request_duties(db_, limits::request_duty_hold))
        for (auto& each : all)
            co_await attempt(std::move(each));
    co_return co_await queue::next_request_duty(db_);
}

awaitable<void> request_duties::run() {
    news_.emplace(co_await asio::this_coro::executor);
    for (;;) {
        std::optional<std::chrono::milliseconds> due;
        news_->reset();
        try {
            due = co_await attempt_all();
        } catch (const store::db_error& e) {
            spdlog::warn("requests are closed later: {}", e.what());
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
