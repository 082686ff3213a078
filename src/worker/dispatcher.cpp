#include "worker/dispatcher.hpp"

#include "base/limits.hpp"
#include "service/begin_turn.hpp"
#include "worker/limits.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

struct dispatcher::worker {
    std::optional<task_run> work;
    std::optional<journal> notes;
    std::optional<background<void>> job;
    std::string state = "queued"; // as it was reported last
};

dispatcher::dispatcher(const driver_dependencies& with, int slots, dispatcher_events events)
    : with_(with), slots_(slots), events_(std::move(events)) {}
dispatcher::~dispatcher() = default;

void dispatcher::wake() {
    if (news_) news_->set();
}

void dispatcher::leave() {
    leaving_ = true;
    for (auto& [id, w] : workers_)
        w->work->leave();
    wake();
}

observer dispatcher::watch(worker& w) { // the worker outlives its task_run, which calls these
    return {.state =
                [this, &w](const task& t) {
                    auto from = std::exchange(w.state, std::string(name_of(t.now)));
                    spdlog::info("task {}: {}{}", t.id.value, w.state,
                                 is_settled(t.now) ? ": " + sentence_of(t) : std::string());
                    if (events_.moved) events_.moved(t, from);
                },
            .progress =
                [this, &w](const mechanic::progress& doing) {
                    if (w.notes) w.notes->progress(doing);
                    if (events_.progress) events_.progress(w.work->task().id, doing);
                    spdlog::debug("task {}: {}", w.work->task().id.value, to_string(doing));
                },
            .agent_text =
                [&w](std::string_view piece) {
                    if (w.notes) w.notes->words(piece);
                },
            .money = {}};
}

std::unique_ptr<dispatcher::worker> dispatcher::hire() {
    auto w = std::make_unique<worker>();
    w->work.emplace(with_, watch(*w));
    w->work->beside_if([this] { return has_room(); }); // it counts itself, so that one place stays free
    return w;
}

/// Claims what nobody has begun yet and begins it, one round trip after it was asked for.
awaitable<void> dispatcher::begin_new() {
    if (!has_room()) co_return;
    mechanic::task any{.now = queued{}};
    auto commands = step(any, claimed{lease{fence{1}}}, {});
    auto asked = with_.time.steady();
    std::exception_ptr broken;
    for (auto& each : co_await with_.leases.claim_new(slots_ - running(), std::get<preparing>(any.now))) {
        try {
            auto w = hire();
            if (co_await w->work->begin(std::move(each), *commands, asked)) co_await start(std::move(w));
        } catch (const std::exception&) {
            broken = std::current_exception();
        }
    }
    if (broken) std::rethrow_exception(broken);
}

/// False: it was not claimed.
awaitable<bool> dispatcher::take(queue::snapshot found) {
    auto w = hire();
    auto id = found.task.id;
    bool mine = false, unusable = false;
    try {
        mine = co_await w->work->take(std::move(found));
    } catch (const queue::unusable_row& e) {
        spdlog::error("task {}: set aside, for this version cannot work on it: {}", e.id.value, e.what());
        unusable = true;
    }
    if (unusable) co_await with_.leases.set_aside(id, limits::unusable_row_pause);
    if (mine) co_await start(std::move(w));
    co_return mine;
}

/// What was claimed is worked on.
awaitable<void> dispatcher::start(std::unique_ptr<worker> w) {
    auto id = w->work->task().id;
    for (auto [other, end] = workers_.equal_range(id); other != end; ++other)
        if (other->second->work->held() == w->work->held()) { // its claim was forgotten in a crash of the database
            other->second->work->lose();
            co_await other->second->job->join(); // both would be at the same tree
            other->second->notes.reset();        // and its log would be gathered as this one's
        }
    w->notes.emplace(with_.leases, id, w->work->held());
    auto& kept = *w;
    workers_.emplace(id, std::move(w));
    kept.job.emplace(co_await asio::this_coro::executor, carry(kept));
    if (leaving_) kept.work->leave();
    if (events_.running) events_.running(running());
}

/// All at once, so that the claims share a round trip. Each one begins when it is claimed, whatever becomes of the
/// others.
awaitable<void> dispatcher::take_all(std::vector<queue::snapshot> found) {
    std::vector<background<bool>> claims;
    for (auto& each : found)
        claims.emplace_back(co_await asio::this_coro::executor, take(std::move(each)));
    std::exception_ptr broken;
    for (auto& each : claims) {
        try {
            co_await each.join();
        } catch (const std::exception&) {
            broken = std::current_exception();
        }
    }
    if (broken) std::rethrow_exception(broken);
}

/// Runs until the task's hold ends. Never throws: an error is logged, and the lease runs out by itself.
awaitable<void> dispatcher::carry(worker& w) {
    background<void> writing(co_await asio::this_coro::executor, w.notes->keep_writing());
    auto id = w.work->task().id;
    try {
        if (co_await w.work->work() == task_run_end::lost_lease)
            spdlog::warn("task {}: its lease is gone; what was done here is dropped", id.value);
    } catch (const store::db_error& e) {
        spdlog::error("task {}: stopped, for the database was lost: {}", id.value, e.what());
        if (events_.database) events_.database(e.what());
    } catch (const std::exception& e) {
        spdlog::error("task {}: stopped: {}", id.value, e.what());
    }
    co_await writing.stop();
    try {
        co_await w.notes->write();
    } catch (const std::exception& e) {
        spdlog::warn("task {}: the end of its log is lost: {}", id.value, e.what());
    }
    wake();
}

awaitable<void> dispatcher::reap_workers() {
    for (auto i = workers_.begin(); i != workers_.end();) {
        if (!i->second->job->finished()) {
            ++i;
            continue;
        }
        auto ended = std::move(i->second);
        i = workers_.erase(i);
        co_await ended->job->stop();
        if (events_.running) events_.running(running());
    }
}

std::vector<task_id> dispatcher::held() const {
    std::vector<task_id> ids;
    for (const auto& [id, w] : workers_)
        ids.push_back(id);
    return ids;
}

void dispatcher::abort(const std::vector<task_id>& wished) {
    for (auto id : wished)
        for (auto [found, end] = workers_.equal_range(id); found != end; ++found)
            found->second->work->abort();
}

/// Of the landings that have not their turn yet, the one whose turn comes last; nullptr: none is worked on.
dispatcher::worker* dispatcher::last_beside() const {
    worker* last = nullptr;
    auto asked = [](const worker& w) { return std::pair(w.work->task().known.lands->asked, w.work->task().id); };
    for (const auto& [id, w] : workers_)
        if (w->work->works_beside() && (!last || asked(*w) > asked(*last))) last = w.get();
    return last;
}

/// All places are taken. What is done without being asked for yet makes room for what is: a task, or the landing of a
/// worker that died. A landing that only asks for its turn can wait.
void dispatcher::make_room_for(const std::vector<queue::snapshot>& found) {
    // One is on its way out, or only asks for its turn, which takes a moment: then there may be room.
    auto passes = [](const auto& each) {
        const auto& lands = each.second->work->task().known.lands;
        bool asks = lands && lands->step == landing_step::lane && !lands->beside && !lands->in_doubt;
        return each.second->work->gives_way() || asks;
    };
    if (std::ranges::any_of(workers_, passes)) return;
    bool wanted = std::ranges::any_of(found, [](const auto& each) {
        return !each.task.known.lands || lease_of(each.task.now) || each.task.known.lands->in_doubt;
    });
    if (auto* last = wanted ? last_beside() : nullptr) last->work->give_way();
}

/// One look at the queue. `count`: whether the tasks in it were counted.
awaitable<queue::leases::seen> dispatcher::ask(bool& count) {
    auto now = with_.time.steady();
    count = !counted_ || now - *counted_ >= limits::queue_count_every;
    auto seen = co_await with_.leases.look(held(), std::max(last_beside() ? 1 : 0, slots_ - running()), count);
    if (count) counted_ = now;
    if (events_.queued) events_.queued(count ? std::optional(seen.next.queued) : std::nullopt);
    abort(seen.to_abort);
    co_return seen;
}

/// Claims the tasks that can be claimed. Returns the time until there may be more; nullopt: nothing before the next
/// wake().
awaitable<std::optional<std::chrono::milliseconds>> dispatcher::look() {
    bool whole = true, counted = false, count = false;
    std::optional<std::chrono::milliseconds> due;
    for (bool more = true; more && !leaving_;) {
        co_await begin_new();
        auto seen = co_await ask(count);
        counted = counted || count;
        due = seen.next.due;
        if (running() >= slots_) make_room_for(std::exchange(seen.claimable, {}));
        auto [begun, all] = co_await service::begin_turns(with_.requests, seen.turns);
        whole = all;
        for (const auto& e : seen.unusable) {
            spdlog::error("task {}: set aside, for this version cannot work on it: {}", e.id.value, e.what());
            co_await with_.leases.set_aside(e.id, limits::unusable_row_pause);
        }
        more = begun > 0 || !seen.unusable.empty() || !seen.claimable.empty();
        if (!leaving_) co_await take_all(std::move(seen.claimable));
        more = more && running() < slots_;
    }
    auto no_later_than = [&due](std::chrono::milliseconds most) { due = std::min(due.value_or(most), most); };
    if (running() >= slots_ && last_beside())
        due = limits::look_for_room_every;
    else if (running() >= slots_)
        due.reset(); // a task that ends wakes us
    else if (!whole)
        no_later_than(limits::unusable_row_pause);
    if (!counted) no_later_than(limits::queue_count_every);
    if (due) *due = std::max<std::chrono::milliseconds>(*due, limits::due_least);
    co_return due;
}

awaitable<void> dispatcher::run() {
    auto executor = co_await asio::this_coro::executor;
    news_.emplace(executor);
    for (;;) {
        news_->reset();
        std::optional<std::chrono::milliseconds> due;
        co_await reap_workers();
        if (leaving_ && workers_.empty()) co_return;
        if (!leaving_) {
            try {
                due = co_await look();
                if (events_.database) events_.database("");
            } catch (const store::db_error& e) {
                spdlog::error("the database: {}", e.what());
                if (events_.database) events_.database(e.what());
                due = limits::db_backoff_most;
            } catch (const boost::system::system_error&) {
                throw; // cancelled
            } catch (const std::exception& e) {
                spdlog::error("taking tasks: {}", e.what());
                due = limits::db_backoff_most;
            }
        }
        try {
            if (due)
                co_await with_deadline(*due, news_->wait());
            else
                co_await news_->wait();
        } catch (const deadline_passed&) {
        }
    }
}

} // namespace persais::worker
