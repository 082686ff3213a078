#pragma once
#include "sandbox/keeper/network.hpp"
#include "sandbox/keeper/prepare.hpp"
#include "sandbox/keeper/small_file.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace persais::keeper {

/// A user namespace for one task, started as root, that the unprivileged prepared parent owns: only so can a process of
/// it enter the sandbox (join.hpp). It holds the parent's user, as 0, and the task's own, and owns new namespaces of
/// every other kind, which look as those did that bubblewrap made. For the keeper inside, before it begins.
class task_users {
public:
    /// Returns an errno, or 0 in the first process of the new process id namespace, which has all rights in the user
    /// namespace. The processes between wait for it, and end as it does.
    static int make(uid_t owner, uid_t task) {
        int made[2], mapped[2];
        if (pipe2(made, O_CLOEXEC) != 0 || pipe2(mapped, O_CLOEXEC) != 0) return errno;
        pid_t between = fork();
        if (between < 0) return errno;
        if (between > 0) {
            close(made[1]);
            close(mapped[0]);
            // Its number is that of the /proc here, which is still the host's.
            char whose[16] = {}, byte = 0;
            bool done = read(made[0], whose, sizeof whose - 1) > 0 && map(whose, owner, task) == 0;
            if (done && write(mapped[1], &byte, 1) != 1) kill(between, SIGKILL);
            close(mapped[1]); // without that byte it gives up
            wait_as_bystander(between);
        }
        close(made[0]);
        close(mapped[1]);
        // From outside it is as deaf to SIGTERM as the first process of a namespace, whose end would end all at once.
        signal(SIGTERM, SIG_IGN);
        int error = become_owner(owner);
        if (error == 0 && unshare(CLONE_NEWUSER) != 0) error = errno;
        char self[16] = {}, byte = 0;
        if (error == 0 && readlink("/proc/self", self, sizeof self - 1) < 0) error = errno;
        if (error == 0 && (write(made[1], self, sizeof self) < 0 || read(mapped[0], &byte, 1) != 1)) error = EPERM;
        close(made[1]);
        close(mapped[0]);
        constexpr int all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
        if (error == 0 && unshare(all) != 0) error = errno;
        if (error != 0) return error;
        pid_t first = fork();
        if (first < 0) return errno;
        if (first > 0) wait_as_bystander(first);
        // Over that of the host, which is there only because the kernel wants to see one before it allows another.
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) return errno;
        return own_network::raise_loopback();
    }

private:
    /// The owner of a user namespace is who makes it; the capabilities stay until then.
    static int become_owner(uid_t owner) {
        if (prctl(PR_SET_KEEPCAPS, 1) != 0 || setgroups(0, nullptr) != 0) return errno;
        if (setresgid(owner, owner, owner) != 0 || setresuid(owner, owner, owner) != 0) return errno;
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        __user_cap_data_struct have[2] = {};
        if (syscall(SYS_capget, &header, have) != 0) return errno;
        for (auto& half : have)
            half.effective = half.permitted;
        return syscall(SYS_capset, &header, have) == 0 ? 0 : errno;
    }

    static int map(const char* whose, uid_t owner, uid_t task) {
        char path[48], text[64];
        std::snprintf(text, sizeof text, "0 %u 1\n%u %u 1\n", owner, task, task);
        std::snprintf(path, sizeof path, "/proc/%s/uid_map", whose);
        int error = write_small(path, text);
        std::snprintf(path, sizeof path, "/proc/%s/gid_map", whose);
        return error != 0 ? error : write_small(path, text);
    }

    [[noreturn]] static void wait_as_bystander(pid_t child) {
        close_from(0);
        drop_capabilities();
        for (;;) {
            int status = 0;
            pid_t pid = waitpid(-1, &status, 0);
            if (pid < 0 && errno != EINTR) _exit(1);
            if (pid == child) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
};

} // namespace persais::keeper
