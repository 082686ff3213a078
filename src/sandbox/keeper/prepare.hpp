#pragma once
#include "sandbox/keeper/landlock.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/seccomp.hpp"
#include "sandbox/keeper/small_file.hpp"
#include "sandbox/limits.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace persais::keeper {

inline void close_from(int first) {
    if (syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
    // This is for kernels before Linux 5.9. The limit may be a million, but they close that many in about 50 ms.
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < most; ++fd)
        close(fd);
}

/// Ignored and blocked signals stay so across exec (an ignored SIGPIPE changes what `yes | head` does). System calls
/// are used because libc protects two signals for its own use, and its posix_spawn leaves just those ignored (seen in
/// SigIgn).
inline void reset_signals() {
    constexpr unsigned long kernel_set_bytes = 8;
    char by_default[64] = {}; // all zero: SIG_DFL, no flags, nothing masked
    for (int number = 1; number <= 64; ++number)
        syscall(SYS_rt_sigaction, number, by_default, nullptr, kernel_set_bytes);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

inline int set_ceilings(const options& how) {
    rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none); // a core file would be created in the tree and be committed
    if (rlimit files{}; how.open_files_soft > 0 && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        if (how.open_files_soft < files.rlim_cur) files.rlim_cur = how.open_files_soft;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) return errno;
    }
    for (const auto& ceiling : how.ceilings) {
        if (ceiling.value == 0) continue;
        rlimit limit{};
        getrlimit(ceiling.resource, &limit);
        // An ordinary user may only lower it.
        rlim_t value = ceiling.value < limit.rlim_max ? ceiling.value : limit.rlim_max;
        limit = {value, value};
        if (setrlimit(ceiling.resource, &limit) != 0) return errno;
    }
    return 0;
}

inline void drop_capabilities() {
    for (int number = 0; number <= 63; ++number)
        prctl(PR_CAPBSET_DROP, number, 0, 0, 0); // fails above the last capability
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct nothing[2] = {};
    syscall(SYS_capset, &header, nothing);
}

inline constexpr int niceness = 10; // limits::child_niceness; a test holds them equal

/// Lowers the priority, because the requests that the service answers come first: a webhook, a page, a message that has
/// to be stored. Everything that the program starts inherits it.
inline void go_after_the_service() {
    if (getpriority(PRIO_PROCESS, 0) < niceness) setpriority(PRIO_PROCESS, 0, niceness);
}

/// A kernel that schedules by sessions (autogroup) has a niceness for each session, and the niceness of a process
/// counts only within its session. An unprivileged process can set it only once in 100 ms on the whole machine; a
/// session for which that failed has an equal share.
inline void let_session_go_after_the_service() {
    char text[8];
    std::snprintf(text, sizeof text, "%d", niceness);
    prctl(PR_SET_DUMPABLE, 1); // else the file belongs to root
    [[maybe_unused]] int ignored = write_small("/proc/self/autogroup", text);
    prctl(PR_SET_DUMPABLE, 0);
}

/// When memory is out, the kernel kills a task's program first, never the service or its database. Everything that the
/// program starts inherits this.
inline void die_before_the_service() {
    prctl(PR_SET_DUMPABLE, 1); // else the file belongs to root
    [[maybe_unused]] int ignored = write_small("/proc/self/oom_score_adj", "1000");
    prctl(PR_SET_DUMPABLE, 0);
}

/// Changes to the task's user irrevocably: the saved id is changed too, and no group is kept.
inline int change_user(uid_t uid, gid_t gid) {
    for (int number = 0; number <= 63; ++number)
        prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
    if (setgroups(0, nullptr) != 0) return errno;
    if (setresgid(gid, gid, gid) != 0) return errno;
    if (setresuid(uid, uid, uid) != 0) return errno;
    return 0;
}

/// Everything that happens between fork and exec. Returns an errno, or 0.
inline int prepare(const options& how) {
    reset_signals();
    umask(022);
    if (how.enter && setsid() < 0) return errno;
    go_after_the_service();
    if (how.wrapped == 0) let_session_go_after_the_service(); // the wrapper creates another session
    if (int error = set_ceilings(how)) return error;
    if (how.become) {
        if (int error = change_user(how.uid, how.gid)) return error;
    }
    if (how.enter) {
        drop_capabilities();
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
        // Both would hold for all that a prepared parent starts, which has to enter sandboxes first.
        if (int error = how.parent ? landlock::keep_signals_in() : landlock::restrict_to(how.writable, how.writables))
            return error;
    }
    if (how.folder && chdir(how.folder) != 0) return errno; // as the task's user, who must be able to enter it
    return how.enter && !how.parent ? install_filters() : 0;
}

/// The entries of the payload, for execve; null when there is no memory.
inline char** read_environment(int fd) {
    struct stat info{};
    if (fstat(fd, &info) != 0) return nullptr;
    auto size = static_cast<size_t>(info.st_size);
    auto* text = static_cast<char*>(std::malloc(size + 1));
    if (!text) return nullptr;
    size_t have = 0;
    while (have < size) {
        ssize_t got = pread(fd, text + have, size - have, static_cast<off_t>(have));
        if (got <= 0) return nullptr;
        have += static_cast<size_t>(got);
    }
    text[size] = '\0';
    size_t entries = 0;
    for (size_t i = 0; i < size; ++i)
        entries += text[i] == '\0';
    auto** list = static_cast<char**>(std::calloc(entries + 1, sizeof(char*)));
    if (!list) return nullptr;
    char* next = text;
    for (size_t i = 0; i < entries; ++i) {
        list[i] = next;
        next += std::strlen(next) + 1;
    }
    return list;
}

} // namespace persais::keeper
