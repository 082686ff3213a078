#pragma once
#include "sandbox/keeper/descendants.hpp"
#include "sandbox/keeper/small_file.hpp"

#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>

namespace persais::keeper {

/// Without CAP_SYS_PTRACE (plain Docker), root may read about a task's processes only as their user.
class as_owner {
public:
    explicit as_owner(pid_t pid) {
        if (geteuid() != 0) return;
        char path[32];
        struct stat info{};
        std::snprintf(path, sizeof path, "/proc/%d", pid);
        if (stat(path, &info) != 0) return;
        setfsgid(info.st_gid);
        setfsuid(info.st_uid);
    }
    ~as_owner() {
        setfsuid(geteuid());
        setfsgid(getegid());
    }
    as_owner(const as_owner&) = delete;
    as_owner& operator=(const as_owner&) = delete;
};

/// Files that were seen already; those above a bound count again.
class file_set {
public:
    void clear() { seen_ = 0; }
    bool is_new(ino_t file) {
        for (unsigned i = 0; i < seen_; ++i)
            if (files_[i] == file) return false;
        if (seen_ < most_files) files_[seen_++] = file;
        return true;
    }

private:
    static constexpr unsigned most_files = 1024;
    unsigned seen_ = 0;
    ino_t files_[most_files];
};

/// Whether the process is inside a sandbox; the wrapper's root is that of the host.
inline bool elsewhere(pid_t pid) {
    struct stat own{}, other{};
    char path[40];
    std::snprintf(path, sizeof path, "/proc/%d/root", pid);
    return stat("/", &own) == 0 && stat(path, &other) == 0 &&
           (own.st_dev != other.st_dev || own.st_ino != other.st_ino);
}

/// The file system in memory at `folder` in the process's sandbox. False: there is none.
inline bool scratch_of(pid_t pid, const char* folder, struct statfs& info) {
    constexpr auto tmpfs = 0x01021994;
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/root/%s", pid, folder);
    return statfs(path, &info) == 0 && info.f_type == tmpfs;
}

/// The memory of a tree of processes, summed up from /proc, for machines whose control groups cannot be used. File
/// pages are not counted, because the kernel reclaims them.
class usage {
public:
    struct estimate {
        unsigned long long own = 0; // the private pages of each process; pages shared by a fork are counted twice
        unsigned long long all = 0; // an upper bound: includes all memory of the machine that is shared or swapped out
    };

    /// `own_scratch`: the tree's /tmp and /dev/shm belong to it alone and are in memory (it is in a sandbox).
    explicit usage(bool own_scratch) : own_scratch_(own_scratch) {
        int file = memfd_create("persais", MFD_CLOEXEC);
        struct stat info{};
        if (file < 0) return;
        if (fstat(file, &info) == 0) shared_device_ = info.st_dev;
        close(file);
    }

    /// Fast. Waits for no lock that a task may hold. Stops when `stop()` returns true; the result is then too low.
    template <class Stop>
    estimate at_most(descendants& tree, Stop stop) {
        small_file<> machine;
        machine.read("/proc/meminfo");
        estimate sum;
        tree.each_while([&](pid_t pid) {
            sum.own += private_bytes(pid);
            return !stop();
        });
        sum.all = sum.own + (machine.after("Shmem") + machine.after("SwapTotal") - machine.after("SwapFree")) * 1024;
        return sum;
    }

    /// Slow (milliseconds for large processes), and waits for processes that are just forking, so a caller that has to
    /// react meanwhile must not use it. Counts each page once; of shared memory it counts the larger of what is mapped
    /// and what files in memory hold, because most of it is both. Stops when it has counted more than `enough`.
    unsigned long long exactly(descendants& tree, unsigned long long enough) {
        unsigned long long own = 0, mapped = 0, held = 0;
        files_.clear();
        bool scratch_known = !own_scratch_;
        tree.each_while([&](pid_t pid) {
            if (pid == getpid()) return true;
            as_owner of(pid);
            add_pages(pid, own, mapped);
            held += open_files(pid);
            // The first process that is inside the sandbox; the wrapper's root is that of the host.
            if (!scratch_known && elsewhere(pid)) {
                scratch_known = true;
                held += files_below(pid, "tmp") + files_below(pid, "dev/shm");
            }
            return own <= enough;
        });
        return own + (mapped > held ? mapped : held);
    }

private:
    static unsigned long long page_bytes() {
        static const auto size = static_cast<unsigned long long>(sysconf(_SC_PAGESIZE));
        return size;
    }

    static unsigned long long private_bytes(pid_t pid) {
        char path[32];
        std::snprintf(path, sizeof path, "/proc/%d/statm", pid);
        small_file<256> file;
        unsigned long long all = 0, resident = 0, shared = 0;
        if (!file.read(path) || std::sscanf(file.text(), "%llu %llu %llu", &all, &resident, &shared) != 3) return 0;
        return resident > shared ? (resident - shared) * page_bytes() : 0;
    }

    static void add_pages(pid_t pid, unsigned long long& own, unsigned long long& mapped) {
        char path[40];
        std::snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
        small_file<> file;
        if (!file.read(path)) {
            own += private_bytes(pid);
            return;
        }
        own += (file.after("Pss_Anon") + file.after("SwapPss")) * 1024;
        mapped += file.after("Pss_Shmem") * 1024;
    }

    /// The unnamed files that are in memory (memfd_create), whether they are mapped or not.
    unsigned long long open_files(pid_t pid) {
        char path[32];
        std::snprintf(path, sizeof path, "/proc/%d/fd", pid);
        DIR* list = opendir(path);
        if (!list) return 0;
        unsigned long long bytes = 0;
        while (dirent* entry = readdir(list)) {
            struct stat info{};
            if (entry->d_name[0] == '.' || fstatat(dirfd(list), entry->d_name, &info, 0) != 0) continue;
            if (info.st_dev == shared_device_ && S_ISREG(info.st_mode) && files_.is_new(info.st_ino))
                bytes += static_cast<unsigned long long>(info.st_blocks) * 512;
        }
        closedir(list);
        return bytes;
    }

    static unsigned long long files_below(pid_t pid, const char* folder) {
        struct statfs info{};
        if (!scratch_of(pid, folder, info)) return 0;
        return (info.f_blocks - info.f_bfree) * static_cast<unsigned long long>(info.f_bsize);
    }

    bool own_scratch_;
    dev_t shared_device_ = 0;
    file_set files_;
};

} // namespace persais::keeper
