#pragma once
#include <cerrno>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace persais::keeper {

inline constexpr int new_time = 0x80; // CLONE_NEWTIME, which older C libraries do not name

/// Whether this process has other threads, as the kernel counts them: what an interpreter knows of are only its own,
/// and a prepared parent has no /proc. Both calls change nothing, and the kernel refuses them in the way that is asked
/// for here only to a process with threads; where a container's filter knows one of them not, there is the other.
inline bool has_threads() {
    if (unshare(CLONE_THREAD) != 0 && errno == EINVAL) return true;
    int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
    if (self < 0) return false;
    bool found = setns(self, new_time) != 0 && errno == EUSERS;
    close(self);
    return found;
}

/// What a prepared parent does before it says that it is ready: a fork has only the thread that forks, so what another
/// one held would be held for ever; and nobody of the same user is to look into the parent. Returns an errno, or 0;
/// EBUSY: it has threads.
inline int settle() {
    if (has_threads()) return EBUSY;
    return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno;
}

} // namespace persais::keeper
