#include "coder/prepared_agent.hpp"

#include "base/told.hpp"
#include "coder/limits.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::coder {

namespace fs = std::filesystem;

/// One parent, and what it was made of.
struct prepared_agent::kept {
    sandbox::prepared_parent parent;
    std::string stamp;
    steady::time_point started = steady::now();
    bool came_up = false;
    bool wanted = true;   // false: it was given up, and its end is nothing to tell of
    bool retired = false; // it ended because nothing was asked of it, or because it was old
    bool over = false;
};

std::optional<sandbox::memory_plan> plan_with_agent(sandbox::memory_plan plan) {
    auto left = plan.all_bytes - std::min<std::uint64_t>(plan.all_bytes, limits::prepared_bytes);
    plan.task_bytes = left / plan.parallel;
    if (plan.task_bytes < limits::task_memory_bytes) return std::nullopt;
    return plan;
}

std::string no_room_for_agent() {
    return told<"this machine's memory is needed for tasks: they would have less than {} each beside its {}",
                "память этой машины нужна задачам: рядом с ним, а это {1}, каждой осталось бы меньше {0}">(
        sandbox::mebibytes(limits::task_memory_bytes), sandbox::mebibytes(limits::prepared_bytes));
}

prepared_agent::prepared_agent(asio::any_io_executor executor, const sandbox::backend& confine,
                               aider_installation where, std::function<void(const std::string&)> tell,
                               prepared_times times)
    : executor_(std::move(executor)), confine_(confine), where_(std::move(where)), tell_(std::move(tell)),
      times_(times), wait_(limits::prepared_retry) {}

prepared_agent::~prepared_agent() = default;

std::string prepared_agent::stamp() const {
    return stamp_of(where_, confine_.parent_parts());
}

void prepared_agent::start() {
    auto folder = where_.wrapper.parent_path();
    sandbox::child_spec spec{.argv = {(where_.environment / "bin/python").string(), "-I",
                                      (folder / "prepared.py").string(), sandbox::clone_library_inside,
                                      std::to_string(std::chrono::seconds(limits::prepared_idle).count()),
                                      std::to_string(limits::prepared_bytes)},
                             .environment = environment_of("/tmp"),
                             .total = limits::prepared_life};
    now_ = std::make_shared<kept>(kept{.parent = {confine_, std::move(spec), tools_of(where_)}, .stamp = stamp()});
    life_ = std::make_unique<background<void>>(executor_, keep(now_));
}

awaitable<void> prepared_agent::keep(std::shared_ptr<kept> what) {
    std::string why;
    try {
        why = co_await live(what);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        why = e.what();
    } catch (const std::exception& e) {
        why = e.what();
    }
    what->over = true;
    if (what->wanted && !why.empty()) tell_("no agent is kept ready, so each task starts one: " + why);
}

/// Until its end; why it was no good, or empty. A machine where it can be none is asked first, because loading one
/// takes seconds of a core.
awaitable<std::string> prepared_agent::live(std::shared_ptr<kept> what) {
    if (!can_)
        if (auto why = co_await sandbox::why_no_clones(confine_); !why.empty()) co_return why;
    can_ = true;
    auto came_up = [what](sandbox::process&) -> awaitable<void> {
        what->came_up = true;
        co_return;
    };
    auto ended = co_await what->parent.live(came_up, times_.start);
    what->retired = what->came_up && (ended.ok() || ended.how == sandbox::ended::timed_out);
    if (what->retired) co_return "";
    auto words = ended.error.substr(ended.error.substr(0, ended.error.find_last_not_of('\n')).rfind('\n') + 1);
    if (!what->came_up && ended.how == sandbox::ended::killed)
        co_return fmt::format("the process for it was not ready within {} s {}",
                              std::chrono::duration_cast<std::chrono::seconds>(times_.start).count(), words);
    co_return fmt::format("the process for it ended ({}, {}) {}", static_cast<int>(ended.how), ended.code, words);
}

/// One that is not wanted any more ends by itself, unless it hangs.
awaitable<void> prepared_agent::end(std::unique_ptr<background<void>> life, std::chrono::nanoseconds within) {
    try {
        co_await with_deadline(within, life->join());
    } catch (const deadline_passed&) { // it was ended
    }
}

void prepared_agent::let_go() {
    now_ = nullptr;
    ending_.push_back(std::make_unique<background<void>>(executor_, end(std::move(life_), times_.end)));
}

/// The parent is over: another one may be started at once, unless it never came up, or dies again and again.
void prepared_agent::clear() {
    auto now = steady::now();
    if (!now_->retired) {
        if (!now_->came_up || (died_ && now < *died_ + limits::prepared_retry)) wait();
        died_ = now;
    }
    let_go();
}

void prepared_agent::wait() {
    not_before_ = steady::now() + wait_;
    wait_ = std::min<steady::duration>(2 * wait_, limits::prepared_life);
}

void prepared_agent::drop() {
    now_->wanted = false;
    now_->parent.retire();
    let_go();
}

std::shared_ptr<sandbox::clone_offer> prepared_agent::offer() {
    std::erase_if(ending_, [](const auto& one) { return one->finished(); });
    if (now_ && now_->over) clear();
    if (now_ && now_->stamp != stamp()) drop();
    return now_ ? now_->parent.offer() : nullptr;
}

void prepared_agent::loaded() {
    if (now_ && now_->over) clear();
    if (now_) return;
    std::error_code ec; // a wrapper that has no such program is started for each task
    bool can = fs::exists(where_.wrapper.parent_path() / "prepared.py", ec);
    if (can && (!not_before_ || steady::now() >= *not_before_)) start();
}

void prepared_agent::give_up(const sandbox::clone_offer& offer, const std::string& why) {
    if (!now_ || !now_->parent.made(offer)) return;
    if (sandbox::prepared_parent::is_over(offer)) return; // its end tells why
    wait();
    tell_(fmt::format("the agent that was kept ready is given up, so each task starts one: {}", why));
    drop();
}

awaitable<void> prepared_agent::stop() {
    now_ = nullptr;
    if (life_) ending_.push_back(std::move(life_));
    for (auto& one : ending_)
        co_await one->stop();
    ending_.clear();
}

} // namespace persais::coder
