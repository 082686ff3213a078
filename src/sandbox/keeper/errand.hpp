#pragma once
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace persais::keeper {

/// A separate process that finds out one value, because a keeper that waits in the kernel can end nothing. It is reaped
/// with the processes of the tree.
template <class T>
class errand {
public:
    bool under_way() const { return answer_ >= 0; }
    int descriptor() const { return answer_; } // readable when there is an answer, or will be none

    /// False when it cannot be started.
    template <class F>
    bool send(F find_out) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
        pid_t self = getpid();
        who_ = fork();
        if (who_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != self) _exit(1);
            T found = find_out();
            _exit(write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1);
        }
        close(ends[1]);
        if (who_ < 0) {
            close(ends[0]);
            return false;
        }
        answer_ = ends[0];
        return true;
    }

    enum class news { none, answered, failed };
    /// `too_late`: it is not waited for any longer.
    news take(T& found, bool too_late) {
        auto got = read(answer_, &found, sizeof found);
        if (got < 0 && !too_late) return news::none;
        if (got < 0) kill(who_, SIGKILL); // it still has its end of the pipe, so it has not been reaped
        close(answer_);
        answer_ = -1;
        return got == sizeof found ? news::answered : news::failed;
    }

private:
    pid_t who_ = -1;
    int answer_ = -1;
};

} // namespace persais::keeper
