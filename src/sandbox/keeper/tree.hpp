#pragma once
#include "sandbox/keeper/descendants.hpp"
#include "sandbox/keeper/group.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persais::keeper {

inline constexpr int terminate_to_kill_ms = 500; // limits::terminate_to_kill; a test holds them equal
inline constexpr int give_up_ms = 5000;          // for processes that the kernel cannot kill (stuck in a device)

/// All descendants of this process. It is a subreaper: an orphan becomes its child. So when it has no child at all
/// (ECHILD), it has no descendant either, and /proc is read only when there is something to kill.
class tree {
public:
    /// `own`: the control group that holds the tree, or null; it must outlive this object.
    tree(pid_t first, int child_signals, const tree_group* own)
        : first_(first), child_signals_(child_signals), own_(own) {}

    /// Reaps processes that have ended. False when no child is left.
    bool reap() {
        for (;;) {
            int status = 0;
            pid_t pid = waitpid(-1, &status, WNOHANG);
            if (pid == 0) return true;
            if (pid < 0) {
                if (errno == EINTR) continue;
                return false;
            }
            if (pid == first_) {
                first_ended_ = true;
                outcome_ = WIFEXITED(status) ? record{said::exited, WEXITSTATUS(status)}
                                             : record{said::signalled, WTERMSIG(status)};
            }
        }
    }

    bool first_ended() const { return first_ended_; }
    record outcome() const { return outcome_; }

    /// Sends SIGTERM to all (except the wrapper, whose death would kill the rest at once), and SIGKILL after the grace
    /// period.
    void end(bool spare_first) {
        if (!reap()) return;
        long long start = now_ms();
        descendants_.each([&](pid_t pid) {
            if (spare_first && pid == first_) return;
            kill(pid, SIGTERM);
            kill(pid, SIGCONT);
        });
        while (reap()) {
            long long left = start + terminate_to_kill_ms - now_ms();
            if (left <= 0) break;
            wait(static_cast<int>(left));
        }
        end_now();
    }

    /// Sends SIGKILL to all until none is left.
    void end_now() {
        long long start = now_ms();
        // In a pass parents come before their children, so a supervisor dies before it can see a child die.
        while (reap() && now_ms() - start < give_up_ms) {
            if (own_) own_->kill_all();
            bool any = false;
            descendants_.each([&](pid_t pid) { any |= kill(pid, SIGKILL) == 0; });
            if (!any) wait(1);
        }
    }

private:
    void wait(int ms) {
        pollfd p{child_signals_, POLLIN, 0};
        if (poll(&p, 1, ms) > 0) drain();
    }
    void drain() {
        char buffer[1024];
        while (read(child_signals_, buffer, sizeof buffer) > 0) {
        }
    }

    descendants descendants_;
    pid_t first_;
    int child_signals_;
    const tree_group* own_;
    bool first_ended_ = false;
    record outcome_{said::signalled, SIGKILL};
};

} // namespace persais::keeper
