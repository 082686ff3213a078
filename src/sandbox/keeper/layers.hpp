#pragma once
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/small_file.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persais::keeper {

/// Mounts what a program's folders are made of, in a mount namespace that is the program's own: it ends with the last
/// process of the program, however that ends, and nobody else sees it.
class layers {
public:
    /// The child of `run` calls this before it starts the wrapper, which takes the mounts over. `devices` gets the
    /// device of each. Returns an errno, or 0.
    static int make(const options& how, dev_t* devices) {
        if (unshare(CLONE_NEWNS) != 0) return errno;
        if (mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return errno;
        layers all(static_cast<uid_t>(how.layers_uid));
        int error = 0;
        for (int i = 0; error == 0 && i < how.layereds; ++i)
            error = all.put_together(how.layered[i], devices[i]);
        return error;
    }

private:
    explicit layers(uid_t uid) : uid_(uid) {}
    ~layers() {
        if (users_ >= 0) close(users_);
    }
    layers(const layers&) = delete;
    layers& operator=(const layers&) = delete;

    int put_together(const layered_folder& what, dev_t& device) {
        // They are named by descriptors, because a name may hold what separates the names.
        char options[256];
        int fds[most_lower + 2];
        int count = 0, error = 0, length = std::snprintf(options, sizeof options, "%s,lowerdir=", way());
        for (int i = 0; error == 0 && i < what.lowers; ++i) {
            if (geteuid() == 0 && what.lent[i]) error = lend(what.lower[i]);
            if (error == 0) error = opened(AT_FDCWD, what.lower[i], fds, count);
            if (error == 0)
                length += std::snprintf(options + length, sizeof options - static_cast<size_t>(length),
                                        "%s/proc/self/fd/%d", i > 0 ? ":" : "", fds[count - 1]);
        }
        int upper = open(what.upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (error == 0 && upper < 0) error = errno;
        if (error == 0) error = opened(upper, "files", fds, count);
        if (error == 0) error = opened(upper, "work", fds, count);
        if (error == 0) forget_the_last(fds[count - 1]);
        if (error == 0) {
            std::snprintf(options + length, sizeof options - static_cast<size_t>(length),
                          ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", fds[count - 2], fds[count - 1]);
            if (mount("overlay", what.at, "overlay", MS_NOSUID | MS_NODEV, options) != 0) error = errno;
        }
        struct stat info{};
        if (error == 0 && stat(what.at, &info) == 0) device = info.st_dev;
        for (int i = 0; i < count; ++i)
            close(fds[i]);
        if (upper >= 0) close(upper);
        return error;
    }

    /// In a user namespace there is another place for what the kernel notes about files. Without it, folders of a lower
    /// layer could be neither removed nor moved (EIO); with it, a program that moves one by rename() gets EXDEV, and
    /// has to copy it.
    /// Volatile: else each end of a program would wait until the whole disk has written what it has, for which a task
    /// has no use: its workspace is removed after a crash.
    static const char* way() {
        return geteuid() == 0 ? "volatile,index=off,metacopy=off,redirect_dir=on"
                              : "volatile,index=off,metacopy=off,userxattr";
    }

    /// The kernel's mark that the last mount was volatile. It refuses another one while it is there, because the
    /// machine may have stopped meanwhile; then nothing of a task is used again.
    static void forget_the_last(int work) {
        unlinkat(work, "work/incompat/volatile/dirty", 0);
        unlinkat(work, "work/incompat/volatile", AT_REMOVEDIR);
        unlinkat(work, "work/incompat", AT_REMOVEDIR);
    }

    static int opened(int at, const char* folder, int* fds, int& count) {
        int fd = openat(at, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) return errno;
        fds[count++] = fd;
        return 0;
    }

    /// Mounts a folder of the service over itself, so that what is root's in it appears to be the program's user's.
    int lend(const char* folder) {
        if (int error = find_users()) return error;
        int tree = static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
        if (tree < 0) return errno;
        mount_attr other{.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY,
                         .attr_clr = 0,
                         .propagation = 0,
                         .userns_fd = static_cast<std::uint64_t>(users_)};
        int error = 0;
        if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &other, sizeof other) != 0 ||
            syscall(SYS_move_mount, tree, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) != 0)
            error = errno;
        close(tree);
        return error;
    }

    /// A user namespace says who is whom. It needs a process only until it is open.
    int find_users() {
        if (users_ >= 0) return 0;
        int ready[2];
        char byte = 0, map[32], path[40];
        if (pipe2(ready, O_CLOEXEC) != 0) return errno;
        pid_t self = getpid();
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != self || unshare(CLONE_NEWUSER) != 0) _exit(errno);
            prctl(PR_SET_DUMPABLE, 1); // else only who may trace all can open it
            if (write(ready[1], "", 1) == 1) pause();
            _exit(EPIPE);
        }
        close(ready[1]);
        int error = child < 0 ? errno : read(ready[0], &byte, 1) == 1 ? 0 : EPERM;
        close(ready[0]);
        std::snprintf(map, sizeof map, "0 %u 1", uid_);
        for (const char* ids : {"uid_map", "gid_map"}) {
            std::snprintf(path, sizeof path, "/proc/%d/%s", child, ids);
            if (error == 0) error = write_small(path, map);
        }
        std::snprintf(path, sizeof path, "/proc/%d/ns/user", child);
        if (error == 0 && (users_ = open(path, O_RDONLY | O_CLOEXEC)) < 0) error = errno;
        if (child > 0) {
            kill(child, SIGKILL);
            while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
        return error;
    }

    uid_t uid_;
    int users_ = -1;
};

} // namespace persais::keeper
