#include "worker/task_run.hpp"

#include "base/background.hpp"
#include "sandbox/child.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

namespace {

/// The command of a step that ends in an event; the others are executed at once.
const command* main_command(const std::vector<command>& all) {
    for (const auto& c : all)
        if (!std::holds_alternative<mechanic::clean_up>(c) && !std::holds_alternative<tell>(c)) return &c;
    return nullptr;
}

/// How a hold ends when there is no more command to execute.
task_run_end end_in(const state& s) {
    return std::visit(
        each_state{
            [](const waiting&) { return task_run_end::waits; }, [](const queued&) { return task_run_end::gave_back; },
            [](const one_of<preparing, coding, checking, publishing, answering, review, failed, aborted, parked,
                            expired, answered, deploying, deployed, rolling_back, rolled_back, discarded> auto&) {
                return task_run_end::settled;
            }},
        s);
}

bool wants_clean_up(const std::vector<command>& all) {
    return std::ranges::any_of(all, [](auto& c) { return std::holds_alternative<mechanic::clean_up>(c); });
}

} // namespace

task_run::task_run(const driver_dependencies& with, observer tell) : with_(with), tell_(std::move(tell)) {}
task_run::~task_run() = default;

void task_run::abort() {
    abort_ = true;
    if (news_) news_->set();
}

void task_run::leave() {
    leave_ = true;
    if (news_) news_->set();
}

bool task_run::works_beside() const {
    const auto& lands = held_.task.known.lands;
    return lands && lands->beside && lease_of(held_.task.now);
}

void task_run::give_way() {
    give_way_ = true;
    if (news_) news_->set();
}

void task_run::lose() {
    lost_ = true;
    if (news_) news_->set();
}

time_point task_run::now() const {
    return held_.read_at + std::chrono::duration_cast<std::chrono::microseconds>(with_.time.steady() - read_);
}

awaitable<bool> task_run::store(mechanic::task next, std::vector<command> commands, bool claim) {
    queue::side_writes also;
    for (const auto& c : commands)
        if (auto* t = std::get_if<tell>(&c)) also.outbox.push_back(t->text);
    if (next.known.turn != held_.task.known.turn) also.begins = queue::reply{next.known.turn, next.known.asked};
    if (executor_) also.conversation = executor_->take_conversation();
    if (also.conversation) held_.conversation = *also.conversation;
    if (!co_await with_.leases.save(held_, next, claim, also)) co_return false;
    held_.task = std::move(next);
    if (claim) ++held_.at.value;
    if (tell_.state) tell_.state(held_.task);
    co_return true;
}

awaitable<std::optional<queue::snapshot>> task_run::claim(std::optional<task_id> only) {
    for (;;) {
        auto found = co_await with_.leases.claimable(only);
        if (!found) co_return std::nullopt;
        auto came_to = co_await try_to_claim(std::move(*found));
        if (came_to == attempt::claimed || (only && came_to == attempt::ended)) co_return held_;
    }
}

awaitable<bool> task_run::take(queue::snapshot found) {
    co_return co_await try_to_claim(std::move(found)) == attempt::claimed;
}

awaitable<task_run::attempt> task_run::try_to_claim(queue::snapshot found) {
    held_ = std::move(found);
    read_ = with_.time.steady();
    auto next = held_.task;
    // The worker that was told died, or returned the task first.
    if (held_.abort_wished && obeys_abort(held_.task)) {
        auto ended = step(next, abort_wished{}, held_.read_at);
        bool dead = lease_of(held_.task.now) != nullptr; // it may be alive after all: then the next claim finds out
        if (ended) co_await store(std::move(next), *ended, dead);
        co_return is_settled(held_.task.now) ? attempt::ended : attempt::again;
    }
    if (std::holds_alternative<waiting>(next.now)) {
        auto woken = step(next, wait_over{}, held_.read_at);
        if (woken) co_await store(std::move(next), *woken, false);
        co_return attempt::again; // it is queued now, or given up; either way it is read again
    }
    lease by{fence{held_.at.value + 1},
             held_.read_at + std::chrono::duration_cast<std::chrono::microseconds>(with_.leases.lease_ttl())};
    auto commands = step(next, claimed{by}, held_.read_at);
    if (!commands) throw queue::unusable_row(held_.task.id, "a claim was refused: " + commands.error().why);
    bool first = false;
    auto asked = with_.time.steady();
    try {
        first = co_await store(std::move(next), *commands, true);
    } catch (const store::db_error& e) {
        if (!e.sqlstate.starts_with("23")) throw; // a constraint: each attempt would be refused
        throw queue::unusable_row(held_.task.id, e.what());
    }
    if (!first) co_return attempt::again;                     // another worker was first
    if (is_settled(held_.task.now)) co_return attempt::ended; // out of attempts: parked instead
    co_return co_await make_ready(std::move(*commands), asked) ? attempt::claimed : attempt::again;
}

/// False: the lease is lost, because the statement that claimed the task took as long as the lease, or its answer was
/// lost at first.
awaitable<bool> task_run::make_ready(std::vector<command> commands, std::chrono::steady_clock::time_point asked) {
    const auto* by = lease_of(held_.task.now); // none: a landing that a dead worker left has come to rest
    bool late = by && by->until - held_.read_at < with_.leases.lease_ttl() / 2;
    if (late || with_.time.steady() - asked >= with_.leases.lease_ttl()) {
        auto still = co_await with_.leases.renew(held_.task.id, held_.at);
        if (!still.held) co_return false;
        if (still.abort_wished) abort();
    }
    pending_ = std::move(commands);
    lost_ = false;
    executor_ = with_.make_executor(tell_, held_.task.id, held_.at);
    co_return true;
}

awaitable<bool> task_run::begin(queue::snapshot claimed, std::vector<command> commands,
                                std::chrono::steady_clock::time_point asked) {
    held_ = std::move(claimed);
    read_ = with_.time.steady();
    if (tell_.state) tell_.state(held_.task);
    co_return co_await make_ready(std::move(commands), asked);
}

awaitable<void> task_run::hold_lease() {
    auto ttl = with_.leases.lease_ttl();
    auto held_until = with_.time.steady() + ttl;
    for (;;) {
        co_await sleep_for(ttl / 3);
        auto asked = with_.time.steady();
        try {
            auto renewed = co_await with_deadline(held_until - asked, with_.leases.renew(held_.task.id, held_.at));
            if (renewed.held)
                held_until = asked + ttl;
            else
                lost_ = lease_of(held_.task.now) != nullptr;
            if (renewed.abort_wished) abort();
        } catch (const store::db_error& e) {
            spdlog::warn("task {}: its lease could not be renewed: {}", held_.task.id.value, e.what());
            lost_ = with_.time.steady() >= held_until;
        } catch (const deadline_passed&) {
            spdlog::warn("task {}: its lease ran out, because the database gave no answer", held_.task.id.value);
            lost_ = true;
        }
        if (lost_) {
            news_->set();
            co_return;
        }
    }
}

/// Executes one command and returns its event. An exception is reported as world_trouble; a cancellation is rethrown.
awaitable<mechanic::event> task_run::one(command what) {
    struct at_end {
        task_run& s;
        ~at_end() {
            s.done_ = true;
            s.news_->set();
        }
    } signal{*this};
    try {
        co_return co_await executor_->execute(held_.task, std::move(what), held_.conversation);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        co_return world_trouble{e.what()};
    } catch (const store::db_error&) {
        throw;
    } catch (const sandbox::interrupted& e) {
        co_return world_trouble{.sentence = e.what(), .may_pass = true};
    } catch (const std::exception& e) {
        co_return world_trouble{e.what()};
    }
}

awaitable<int> task_run::next_turn() {
    auto found = co_await with_.leases.load(held_.task.id);
    co_return found && !found->kept ? found->last_turn + 1 : 0;
}

awaitable<std::optional<std::vector<command>>> task_run::go_on(mechanic::event happened) {
    auto* conflict = std::get_if<replayed>(&happened);
    if (conflict && conflict->solve && !conflict->conflicts.empty()) conflict->turn = co_await next_turn();
    for (;;) {
        auto next = held_.task;
        auto commands = step(next, happened, now());
        if (!commands)
            throw std::logic_error("the mechanic refused an event of its own driver: " + commands.error().why);
        try {
            if (!co_await store(std::move(next), *commands, false)) co_return std::nullopt;
            co_return std::move(*commands);
        } catch (const store::db_error& e) {
            if (!conflict || conflict->turn == 0 || e.sqlstate != queue::reply_has_grown) throw;
            conflict->turn = 0; // a reply came in between, and has that number
        }
    }
}

awaitable<task_run_end> task_run::work() {
    auto executor = co_await asio::this_coro::executor;
    news_.emplace(executor);
    background<void> lease(executor, hold_lease());
    std::exception_ptr broken;
    auto end = task_run_end::settled;
    try {
        while (auto* what = main_command(pending_)) {
            std::optional<mechanic::event> happened;
            if (!aborting() && !leaving() && !lost_) {
                done_ = false;
                background<mechanic::event> job(executor, one(*what));
                while (!done_ && !lost_ && !aborting() && !leaving()) {
                    news_->reset();
                    co_await news_->wait();
                }
                if (done_)
                    happened = co_await job.join();
                else
                    co_await job.stop();
            }
            if (lost_) {
                end = task_run_end::lost_lease;
                break;
            }
            // What is on the remote already cannot be aborted any more.
            bool too_late = happened && std::holds_alternative<pushed>(*happened);
            if (aborting() && !too_late) happened = abort_wished{};
            if (!happened) happened = handed_back{};
            if (auto* lane = std::get_if<lane_answered>(&*happened); lane && room_ && !room_()) lane->ahead.clear();
            if (std::holds_alternative<world_trouble>(*happened) || std::holds_alternative<handed_back>(*happened))
                executor_->take_conversation(); // a conversation about work that is not kept
            auto commands = co_await go_on(std::move(*happened));
            if (!commands) {
                end = task_run_end::lost_lease;
                break;
            }
            pending_ = std::move(*commands);
            if (leave_)
                executor_->leave_behind(); // removing a large tree takes longer than the process may take to end
            else if (wants_clean_up(pending_))
                co_await executor_->clean_up(held_.task);
        }
        if (end != task_run_end::lost_lease) end = end_in(held_.task.now);
    } catch (...) {
        broken = std::current_exception();
    }
    co_await lease.stop();
    if (executor_ && !leave_) co_await executor_->put_away();
    executor_.reset();
    if (broken) std::rethrow_exception(broken);
    co_return end;
}

} // namespace persais::worker
