#pragma once
#include "base/background.hpp"
#include "coder/aider_installation.hpp"
#include "coder/limits.hpp"
#include "sandbox/memory.hpp"
#include "sandbox/prepared_parent.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persais::coder {

/// What is left for tasks beside an agent that is kept ready, as many of them as before; nullopt: it would be too
/// little for one of them, and none has to be kept.
std::optional<sandbox::memory_plan> plan_with_agent(sandbox::memory_plan plan);
/// Why none is kept then, without a full stop.
std::string no_room_for_agent();

/// How long a process that is kept ready may take.
struct prepared_times {
    std::chrono::nanoseconds start = limits::prepared_start; // until it is ready
    std::chrono::nanoseconds end = limits::prepared_end;     // until it is gone that is not wanted any more
};

/// Keeps one process that has aider loaded, for tasks to be cloned from (decision 0054): started once a run has loaded
/// its own, given up when the installation changes, when it dies, or when a clone could not be made, and started again
/// by a later run. All on one executor. What it does is only faster, never necessary.
class prepared_agent {
public:
    /// `confine` outlives this. `tell` gets a sentence when the parent could not be kept.
    prepared_agent(asio::any_io_executor executor, const sandbox::backend& confine, aider_installation where,
                   std::function<void(const std::string&)> tell, prepared_times times = {});
    ~prepared_agent();
    prepared_agent(const prepared_agent&) = delete;

    /// For child_spec::clone of one run. Null: there is no parent that is ready.
    std::shared_ptr<sandbox::clone_offer> offer();
    /// A run has got as far as to say something: when there is no parent, one is started, and not before, because both
    /// load the same, and the run would take longer for it.
    void loaded();
    /// The run that had this offer is not cloned: its parent is of no use.
    void give_up(const sandbox::clone_offer& offer, const std::string& why);
    /// Has to be called before this is destroyed.
    awaitable<void> stop();

private:
    struct kept;
    using steady = std::chrono::steady_clock;

    void start();
    void wait();
    void drop();
    void clear();
    void let_go();
    std::string stamp() const;
    awaitable<void> keep(std::shared_ptr<kept> what);
    awaitable<std::string> live(std::shared_ptr<kept> what);
    static awaitable<void> end(std::unique_ptr<background<void>> life, std::chrono::nanoseconds within);

    asio::any_io_executor executor_;
    const sandbox::backend& confine_;
    aider_installation where_;
    std::function<void(const std::string&)> tell_;
    prepared_times times_;
    std::shared_ptr<kept> now_;
    std::unique_ptr<background<void>> life_;                // of `now_`
    std::vector<std::unique_ptr<background<void>>> ending_; // a parent that was given up takes a moment to end
    bool can_ = false;                                      // clones can enter sandboxes here
    std::optional<steady::time_point> died_, not_before_;
    steady::duration wait_; // doubled each time, because what is wrong may stay so
};

} // namespace persais::coder
