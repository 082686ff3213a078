#pragma once
#include "sandbox/keeper/landlock.hpp"
#include "sandbox/keeper/small_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace persais::keeper {

/// Runs as the confined program when the service starts, and checks that the sandbox is as it should be. `outside` has
/// the names of the namespaces outside ("net:[4026531840] pid:[…] …"), none of which may be ours. Prints one sentence
/// about what does not hold and returns 1; else returns 0.
inline int probe(const char* outside) {
    auto wrong = [](const char* what) {
        std::printf("%s\n", what);
        std::fflush(stdout);
        return 1;
    };
    if (getuid() == 0 || geteuid() == 0) return wrong("it is root inside");
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct have[2] = {};
    if (syscall(SYS_capget, &header, have) != 0) return wrong("its capabilities cannot be read");
    for (const auto& half : have)
        if (half.effective || half.permitted || half.inheritable) return wrong("it has capabilities inside");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return wrong("set-uid programs still work inside");
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2) return wrong("no syscall filter is active inside");
    static constexpr const char* kinds[] = {"net", "pid", "mnt", "ipc", "uts"};
    for (const char* kind : kinds) {
        char path[32];
        char name[PATH_MAX];
        std::snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
        ssize_t length = readlink(path, name, sizeof name - 1);
        if (length <= 0) return wrong("/proc is not readable inside");
        name[length] = '\0';
        if (std::strstr(outside, name)) return wrong("it shares a namespace with the service");
    }
    if (unshare(CLONE_NEWUSER) == 0) return wrong("it can make user namespaces inside");
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) return wrong("it can trace processes inside");
    if (access("/root", R_OK) == 0 || access("/etc/shadow", F_OK) == 0) return wrong("it sees the host's files");
    FILE* own = std::fopen("/work/tree/probe", "we");
    if (!own) return wrong("it cannot write its own tree");
    std::fclose(own);
    if (landlock_version() > 0 && write_small("/proc/self/oom_score_adj", "1000") != EACCES)
        return wrong("Landlock does not hold inside");
    if (access("/usr", W_OK) == 0 || access("/work", W_OK) == 0) return wrong("it can write outside its tree");
    return 0;
}

} // namespace persais::keeper
