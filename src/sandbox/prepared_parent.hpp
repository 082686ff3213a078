#pragma once
#include "base/async.hpp"
#include "sandbox/process.hpp"
#include "sandbox/sandbox.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace persais::sandbox {

/// A process that has everything loaded which a program of a task needs, has seen no task, and is forked for each
/// (decision 0054). It is confined itself: a user of its own, no network, nothing writable but its own /tmp. A clone of
/// it enters the sandbox that is made for its task as for any other program, so all limits, walls and ways to end it
/// are those of `backend::confine`.
class prepared_parent {
public:
    /// `spec.argv` is a program that says "ready" on the socket that is its standard input, and then forks for each
    /// descriptor that comes through it (keeper/clone.hpp). `confine` outlives this.
    prepared_parent(const backend& confine, child_spec spec, std::vector<std::filesystem::path> tools);

    /// Runs it until its end; its result. could_not_start when the backend cannot do this. Call it once. A cancellation
    /// ends it; its clones go on, because they belong to others. `when_ready` is part of the conversation with it; may
    /// be empty. When it is not ready `within` this time, it is killed.
    awaitable<child_result> live(conversation when_ready = {}, std::chrono::nanoseconds within = std::chrono::hours(1));

    bool ready() const { return ready_; }
    /// Whether the offer is one of this parent.
    bool made(const clone_offer& offer) const { return process_ && offer.process == process_; }
    /// Whether the process of the parent that made this is gone; its keeper may not have told so yet.
    static bool is_over(const clone_offer& offer);
    /// It makes no more clones, and ends.
    void retire();
    /// For child_spec::clone: a clone is being made for it from now on. Null: it is not ready, or has just died.
    std::shared_ptr<clone_offer> offer();

private:
    awaitable<void> hear_of_it();

    const backend& confine_;
    child_spec spec_;
    std::vector<std::filesystem::path> tools_;
    owned_fd requests_;
    std::shared_ptr<const owned_fd> process_;
    bool ready_ = false;
};

} // namespace persais::sandbox
