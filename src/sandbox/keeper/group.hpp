#pragma once
#include "sandbox/keeper/small_file.hpp"
#include "sandbox/limits.hpp"

#include <csignal>
#include <ctime>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <climits>

namespace persais::keeper {

inline constexpr int group_removal_ms = 1000; // limits::group_removal; a test holds them equal
inline constexpr int suspicious_ms = 1000;    // from the kernel's out-of-memory event to the end of what it kills

inline long long now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/// The control group of one tree of processes: in version 2 one folder, in version 1 one for memory and one for the
/// number of processes. Its name is the keeper's process id, and it is in a folder that the service made and holds.
class tree_group {
public:
    bool made() const { return made_; }

    /// `pids` may be null: then it is version 2, or processes are not counted. False: there is no group, nothing of it
    /// is left, and the tree has to be watched instead.
    bool make(const char* memory, const char* pids, unsigned long long bytes, unsigned long long processes) {
        if (!memory || !make_one(memory_, memory)) return false;
        made_ = true;
        second_ = exists("memory.max");
        bool limited = second_ ? set(memory_, "memory.max", bytes) : set(memory_, "memory.limit_in_bytes", bytes);
        if (second_) {
            set(memory_, "memory.swap.max", 0);  // kernels without swap accounting have no such file
            set(memory_, "memory.oom.group", 1); // the tree dies as one
            if (processes > 0) set(memory_, "pids.max", processes);
        } else {
            set(memory_, "memory.swappiness", 0);
            set(memory_, "memory.memsw.limit_in_bytes", bytes);
            limited = limited && listen();
        }
        if (pids && processes > 0 && make_one(pids_, pids)) set(pids_, "pids.max", processes);
        if (!limited) remove();
        return made_;
    }

    /// Called in the child before it executes the program. Returns an errno, or 0.
    int join() const {
        if (int error = put_in(memory_)) return error;
        return pids_[0] ? put_in(pids_) : 0;
    }

    /// A descriptor that is readable when version 1 hit its limit, or that of a group above it. -1: there is nothing to
    /// listen for.
    int events() const { return events_; }

    /// Opens what puts a process into the group that writes "0" there. Returns how many there are, or -1.
    int open_doors(int (&into)[2]) const {
        int count = 0;
        for (const char* folder : {memory_, pids_}) {
            if (!made_ || folder[0] == '\0') continue;
            char path[PATH_MAX];
            into[count] = open(name(path, folder, "cgroup.procs"), O_WRONLY | O_CLOEXEC);
            if (into[count] < 0) return -1;
            ++count;
        }
        return count;
    }

    /// The killer of version 1 kills only one process, in any group below the exceeded limit, and a moment after the
    /// event. So after an event the keeper checks whether it was a process of its own group, and then ends the rest.
    void take_event() {
        unsigned long long count = 0;
        if (read(events_, &count, sizeof count) > 0) suspicious_until_ = now_ms() + suspicious_ms;
    }
    int due_in() const { return suspicious_until_ > now_ms() ? 5 : -1; }
    bool was_hit_lately() const { return suspicious_until_ != 0 && suspicious_until_ + 100 > now_ms() && hit(); }

    /// Whether the kernel killed something of the tree because memory was out.
    bool hit() const {
        char path[PATH_MAX];
        small_file<> file;
        return file.read(name(path, memory_, second_ ? "memory.events" : "memory.oom_control")) &&
               file.after("oom_kill") > 0;
    }

    /// Kills the whole tree at once, where the kernel can (version 2, Linux 5.14 or newer).
    void kill_all() const {
        if (second_) set(memory_, "cgroup.kill", 1);
    }

    void remove() {
        if (pids_[0]) remove_one(pids_);
        if (memory_[0]) remove_one(memory_);
        if (events_ >= 0) close(events_);
        pids_[0] = memory_[0] = '\0';
        events_ = -1;
        made_ = false;
    }

private:
    static const char* name(char (&into)[PATH_MAX], const char* folder, const char* file) {
        std::snprintf(into, sizeof into, "%s/%s", folder, file);
        return into;
    }

    static bool set(const char* folder, const char* file, unsigned long long value) {
        char path[PATH_MAX], number[32];
        std::snprintf(number, sizeof number, "%llu", value);
        return write_small(name(path, folder, file), number) == 0;
    }

    static int put_in(const char* folder) {
        char path[PATH_MAX];
        return write_small(name(path, folder, "cgroup.procs"), "0");
    }

    bool exists(const char* file) const {
        char path[PATH_MAX];
        return access(name(path, memory_, file), F_OK) == 0;
    }

    static bool make_one(char (&into)[PATH_MAX], const char* parent) {
        std::snprintf(into, sizeof into, "%s/%d", parent, getpid());
        // A group with this name is left from an earlier keeper that was killed.
        if (mkdir(into, 0755) == 0 || (errno == EEXIST && remove_one(into) && mkdir(into, 0755) == 0)) return true;
        into[0] = '\0';
        return false;
    }

    /// Asks version 1 for an event when the limit is hit.
    bool listen() {
        char path[PATH_MAX], line[64];
        int control = open(name(path, memory_, "memory.oom_control"), O_RDONLY | O_CLOEXEC);
        if (control < 0) return false;
        events_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        std::snprintf(line, sizeof line, "%d %d", events_, control);
        bool asked = events_ >= 0 && write_small(name(path, memory_, "cgroup.event_control"), line) == 0;
        close(control);
        return asked;
    }

    /// A group whose last process was just reaped may be busy for a moment, so the removal is retried.
    static bool remove_one(const char* folder) {
        for (int waited = 0; waited < group_removal_ms; ++waited) {
            if (rmdir(folder) == 0 || errno == ENOENT) return true;
            if (errno != EBUSY) return false;
            timespec moment{0, 1000000};
            nanosleep(&moment, nullptr);
        }
        return false;
    }

    char memory_[PATH_MAX] = {}, pids_[PATH_MAX] = {};
    int events_ = -1;
    long long suspicious_until_ = 0;
    bool made_ = false, second_ = false;
};

} // namespace persais::keeper
