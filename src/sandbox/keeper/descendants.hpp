#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace persais::keeper {

inline constexpr unsigned most_seen = 65536; // processes examined in one pass; the next pass sees the rest

/// All descendants of one process (this one), found in /proc, parents before their children. On kernels without
/// /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN; gVisor), the parents of all processes are read instead.
class descendants {
public:
    explicit descendants(bool ask_everybody = false) : ask_everybody_(ask_everybody) {
        char own[64];
        std::snprintf(own, sizeof own, "/proc/self/task/%d/children", getpid());
        if (access(own, R_OK) != 0) ask_everybody_ = true;
    }

    template <class F>
    void each(F act) {
        each_while([&](pid_t pid) {
            act(pid);
            return true;
        });
    }

    /// Calls `act` for each, until it returns false.
    template <class F>
    void each_while(F act) {
        count_ = 0;
        if (ask_everybody_) read_everybody();
        add_children(root_);
        for (unsigned i = 0; i < count_ && act(seen_[i]); ++i)
            add_children(seen_[i]);
    }

private:
    static bool is_number(const char* name) { return name[0] >= '0' && name[0] <= '9'; }

    void add(pid_t pid) {
        if (count_ < most_seen) seen_[count_++] = pid;
    }

    void add_children(pid_t parent) {
        if (ask_everybody_) {
            for (unsigned i = 0; i < known_; ++i)
                if (parents_[i] == parent) add(pids_[i]);
            return;
        }
        char path[64];
        std::snprintf(path, sizeof path, "/proc/%d/task", parent);
        DIR* threads = opendir(path);
        if (!threads) return;
        while (dirent* entry = readdir(threads)) {
            if (!is_number(entry->d_name)) continue;
            char file[40];
            std::snprintf(file, sizeof file, "%.20s/children", entry->d_name);
            add_listed(openat(dirfd(threads), file, O_RDONLY | O_CLOEXEC));
        }
        closedir(threads);
    }

    /// Reads numbers, each followed by a blank. It does not use stdio, because a watched tree is read several times a
    /// second, and most threads have no children.
    void add_listed(int fd) {
        char text[4096];
        pid_t pid = 0;
        for (ssize_t got = 0; fd >= 0 && (got = read(fd, text, sizeof text)) > 0;)
            for (ssize_t i = 0; i < got; ++i) {
                if (text[i] >= '0' && text[i] <= '9') {
                    pid = pid * 10 + (text[i] - '0');
                } else {
                    if (pid > 0) add(pid);
                    pid = 0;
                }
            }
        if (fd >= 0) close(fd);
    }

    void read_everybody() {
        known_ = 0;
        DIR* all = opendir("/proc");
        if (!all) return;
        while (dirent* entry = readdir(all)) {
            if (!is_number(entry->d_name) || known_ == most_seen) continue;
            char file[64];
            std::snprintf(file, sizeof file, "/proc/%.20s/stat", entry->d_name);
            FILE* stat = std::fopen(file, "re");
            if (!stat) continue;
            char line[512];
            size_t length = std::fread(line, 1, sizeof line - 1, stat);
            std::fclose(stat);
            line[length] = '\0';
            const char* after_name = std::strrchr(line, ')'); // a name may contain blanks and brackets
            int parent = 0;
            if (!after_name || std::sscanf(after_name + 1, " %*c %d", &parent) != 1) continue;
            pids_[known_] = std::atoi(entry->d_name);
            parents_[known_++] = parent;
        }
        closedir(all);
    }

    pid_t root_ = getpid();
    bool ask_everybody_;
    unsigned count_ = 0, known_ = 0;
    inline static pid_t seen_[most_seen], pids_[most_seen], parents_[most_seen]; // one page each until more is needed
};

} // namespace persais::keeper
