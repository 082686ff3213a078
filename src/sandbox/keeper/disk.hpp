#pragma once
#include "sandbox/keeper/errand.hpp"
#include "sandbox/keeper/measure.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/tree.hpp"
#include "sandbox/keeper/usage.hpp"
#include "sandbox/keeper/walk.hpp"
#include "sandbox/limits.hpp"

#include <sched.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

namespace persais::keeper {

inline constexpr int disk_watch_least_ms =
    static_cast<int>(std::chrono::milliseconds(limits::disk_watch_least).count());
inline constexpr int disk_watch_most_ms = static_cast<int>(std::chrono::milliseconds(limits::disk_watch_most).count());
inline constexpr long long disk_first_count_ms = std::chrono::milliseconds(limits::disk_first_count).count();
inline constexpr int disk_last_count_ms = static_cast<int>(std::chrono::milliseconds(limits::disk_last_count).count());

/// What a tree of processes holds on the disk, in its folders, in files that it deleted and still has, and in /tmp.
struct disk_use {
    unsigned long long bytes = 0, files = 0;
    bool blind = false; // something could not be read: it may be more
};

/// What is free on a file system.
struct disk_room {
    unsigned long long bytes = 0, files = 0, all_bytes = 0, all_files = 0; // all_files 0: they are not limited

    bool look(const char* folder) {
        struct statfs info{};
        if (statfs(folder, &info) != 0) return false;
        auto unit = static_cast<unsigned long long>(info.f_bsize);
        *this = {info.f_bavail * unit, info.f_ffree, info.f_blocks * unit, info.f_files};
        return true;
    }
};

/// When to look at the free room next. Files grow by at most some 8 GiB a second, because what allocates without
/// writing (fallocate) is refused in a sandbox.
inline int next_disk_look_ms(unsigned long long left, unsigned long long spare) {
    auto soon = static_cast<long long>((left < spare ? left : spare) / (8ULL << 20));
    if (soon < disk_watch_least_ms) return disk_watch_least_ms;
    return soon > disk_watch_most_ms ? disk_watch_most_ms : static_cast<int>(soon);
}

/// Counts once, in a process of its own.
class disk_count {
public:
    disk_count(const disk_limits& how, bool own_scratch) : how_(how), own_scratch_(own_scratch) {}

    disk_use take(descendants& tree) {
        struct stat info{};
        if (stat(how_.folders[0], &info) == 0) device_ = info.st_dev;
        tree.each_while([&](pid_t pid) {
            if (pid != getpid()) count_of_process(pid);
            return !enough();
        });
        read_all_folders();
        for (const char* folder : how_.folders) {
            if (!folder || enough()) continue;
            walk all;
            int error = all.below(folder, [&](int, const char*, const struct stat& of) {
                add(of, S_ISDIR(of.st_mode) ? 1 : of.st_nlink);
                return enough() ? ECANCELED : 0;
            });
            use_.blind = use_.blind || all.unreadable() || (error != 0 && error != ECANCELED);
        }
        return use_;
    }

private:
    /// A file in a layered folder appears to be on the device of that.
    bool is_counted(dev_t device) const {
        for (int i = 0; how_.layered && i < most_layered; ++i)
            if (how_.layered[i] != 0 && how_.layered[i] == device) return true;
        return device == device_;
    }

    bool enough() const { return use_.bytes > how_.bytes || use_.files > how_.files; }

    /// The names of one file are all among what is counted, so each has its share.
    void add(const struct stat& of, unsigned long long names) {
        use_.bytes += static_cast<unsigned long long>(of.st_blocks) * 512 / (names > 0 ? names : 1);
        ++use_.files;
    }

    /// Deleted files that a process has open, or has mapped; and the sandbox's own /tmp and /dev/shm, once.
    void count_of_process(pid_t pid) {
        as_owner of(pid);
        char path[40];
        std::snprintf(path, sizeof path, "/proc/%d/fd", pid);
        if (DIR* list = opendir(path)) {
            while (dirent* entry = readdir(list)) {
                struct stat info{};
                if (entry->d_name[0] == '.' || fstatat(dirfd(list), entry->d_name, &info, 0) != 0) continue;
                if (is_counted(info.st_dev) && info.st_nlink == 0 && S_ISREG(info.st_mode) &&
                    files_.is_new(info.st_ino))
                    add(info, 1);
            }
            closedir(list);
        } else if (errno != ENOENT && errno != ESRCH) {
            use_.blind = true;
        }
        add_mapped(pid);
        if (own_scratch_ && !scratch_known_ && elsewhere(pid)) {
            scratch_known_ = true;
            for (const char* folder : {"tmp", "dev/shm"}) {
                struct statfs info{};
                if (!scratch_of(pid, folder, info)) continue;
                use_.bytes += (info.f_blocks - info.f_bfree) * static_cast<unsigned long long>(info.f_bsize);
                use_.files += info.f_files - info.f_ffree;
            }
        }
    }

    /// "7f…-7f… rw-s 00000000 fe:00 1234    /work/tree/x (deleted)": of such a file only the mapped length is known.
    void add_mapped(pid_t pid) {
        char path[40], line[4096 + 128]; // a path and what stands before it
        std::snprintf(path, sizeof path, "/proc/%d/maps", pid);
        FILE* maps = std::fopen(path, "re");
        while (maps && std::fgets(line, sizeof line, maps)) {
            unsigned long long from = 0, to = 0, file = 0;
            unsigned major = 0, minor = 0;
            if (!std::strstr(line, " (deleted)")) continue;
            if (std::sscanf(line, "%llx-%llx %*s %*s %x:%x %llu", &from, &to, &major, &minor, &file) != 5) continue;
            if (!is_counted(makedev(major, minor)) || !files_.is_new(file)) continue;
            use_.bytes += to - from;
            ++use_.files;
        }
        if (maps) std::fclose(maps);
    }

    const disk_limits& how_;
    bool own_scratch_, scratch_known_ = false;
    dev_t device_ = 0;
    file_set files_;
    disk_use use_;
};

/// Holds a tree of processes to its share of the disk. The free room of the file system, which costs a microsecond to
/// ask for, says whether the tree can have exceeded its limit at all; only then, and from time to time, a separate
/// process counts.
class disk_watch {
public:
    using passed = disk_excess;

    disk_watch(const disk_limits& how, bool own_scratch) : how_(how), own_scratch_(own_scratch) {
        watching_ = how_.bytes > 0 && room_.look(how_.folders[0]);
        counted_at_ = now_ms();
        at_start_ = room_;
        auto share = room_.all_bytes / 8; // of a small disk
        reserve_ = how_.reserve < share ? how_.reserve : share;
        reserve_files_ = room_.all_files / 64;
    }

    bool watching() const { return watching_; }
    int descriptor() const { return count_.descriptor(); }
    int due_in() const {
        long long left = next_ - now_ms();
        return left > 0 ? static_cast<int>(left) : 0;
    }

    passed over() {
        if (count_.under_way()) {
            disk_use found;
            auto came = count_.take(found, false);
            if (came != news::none) {
                took(came == news::answered ? found : disk_use{.blind = true});
                if (auto p = judged(); p != passed::nothing) return p;
            }
        }
        if (due_in() > 0) return passed::nothing;
        look();
        if (taken_from_reserve()) return passed::reserve;
        if (wants_count() && !send()) return estimated();
        return passed::nothing;
    }

    /// When the program has ended by itself, before it was looked at again.
    passed at_the_end() {
        pollfd life{life_fd, POLLIN, 0};
        if (poll(&life, 1, 0) > 0) return passed::nothing; // it was ended for something else
        look();
        bool cut = count_.under_way(); // it was ended with the tree, and what it would have said is not known
        if (cut) {
            disk_use lost;
            count_.take(lost, true);
        } else if (possible_bytes() <= how_.bytes && possible_files() <= how_.files && known_) {
            return passed::nothing;
        }
        // What others gave back meanwhile hides what this tree took, so that a small part of the limit is enough.
        if (!cut && !known_ && dropped_bytes_ <= how_.bytes / 16 && dropped_files_ <= how_.files / 16)
            return passed::nothing;
        if (!send()) return estimated();
        pollfd events[] = {{count_.descriptor(), POLLIN, 0}, {life_fd, POLLIN, 0}};
        bool came = poll(events, 2, disk_last_count_ms) > 0 && events[0].revents != 0;
        disk_use found;
        if (count_.take(found, !came) != news::answered) return passed::nothing;
        took(found);
        return judged();
    }

private:
    using news = errand<disk_use>::news;

    void look() {
        auto before = room_;
        if (!room_.look(how_.folders[0])) room_ = before;
        if (room_.bytes < before.bytes) dropped_bytes_ += before.bytes - room_.bytes;
        if (room_.files < before.files) dropped_files_ += before.files - room_.files;
        auto left = possible_bytes() < how_.bytes ? how_.bytes - possible_bytes() : 0;
        next_ = now_ms() + next_disk_look_ms(left, room_.bytes > reserve_ ? room_.bytes - reserve_ : 0);
    }

    /// Upper bounds: everything that became used on the disk is taken for this tree's.
    unsigned long long possible_bytes() const { return use_.bytes + dropped_bytes_; }
    unsigned long long possible_files() const { return use_.files + dropped_files_; }

    bool wants_count() const {
        if (count_.under_way()) return false;
        long long now = now_ms(), since = now - counted_at_;
        if (!known_)
            return since >= disk_first_count_ms || dropped_bytes_ > how_.bytes / 4 || dropped_files_ > how_.files / 4;
        bool may_be = possible_bytes() > how_.bytes || possible_files() > how_.files;
        bool tight = room_.bytes < 2 * reserve_ && dropped_bytes_ > reserve_ / 32;
        if (may_be || tight) return since >= 4 * count_took_;
        bool grows = dropped_bytes_ > how_.bytes / 16 || dropped_files_ > how_.files / 16;
        return grows ? since >= 2000 && since >= 20 * count_took_ : since >= 10'000 && since >= 100 * count_took_;
    }

    bool send() {
        sent_at_ = now_ms();
        dropped_bytes_ = dropped_files_ = 0;
        return count_.send([&] { return disk_count(how_, own_scratch_).take(tree_); });
    }

    void took(const disk_use& found) {
        use_ = found;
        counted_at_ = now_ms();
        count_took_ = counted_at_ - sent_at_;
        if (use_.blind) { // what could not be read may be all that became used since the start
            use_.bytes = larger(use_.bytes, at_start_.bytes, room_.bytes);
            use_.files = larger(use_.files, at_start_.files, room_.files);
        }
        if (!known_) first_bytes_ = use_.bytes;
        known_ = true;
    }
    static unsigned long long larger(unsigned long long counted, unsigned long long before, unsigned long long now) {
        unsigned long long used = before > now ? before - now : 0;
        return counted > used ? counted : used;
    }

    passed judged() const {
        if (use_.bytes > how_.bytes) return passed::bytes;
        return use_.files > how_.files ? passed::files : passed::nothing;
    }

    /// When nothing can be counted.
    passed estimated() {
        took({.blind = true});
        return judged();
    }

    /// What the database keeps. A tree that has grown is ended a little before those that did not, because one of those
    /// would pay for it otherwise.
    bool taken_from_reserve() const {
        unsigned long long grown = known_ && use_.bytes > first_bytes_ ? use_.bytes - first_bytes_ : 0;
        if (room_.bytes < reserve_ + (grown < reserve_ ? grown : reserve_)) return true;
        return room_.all_files > 0 && room_.files < reserve_files_;
    }

    const disk_limits& how_;
    bool own_scratch_;
    descendants tree_;
    disk_room room_, at_start_;
    disk_use use_;
    errand<disk_use> count_;
    bool watching_ = false, known_ = false;
    unsigned long long first_bytes_ = 0, dropped_bytes_ = 0, dropped_files_ = 0, reserve_ = 0, reserve_files_ = 0;
    long long next_ = 0, sent_at_ = 0, counted_at_ = 0, count_took_ = 0;
};

} // namespace persais::keeper
