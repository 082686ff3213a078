#include "git/tree_look.hpp"

#include "base/on_a_thread.hpp"
#include "git/files.hpp"
#include "git/index_file.hpp"
#include "git/look_sums.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <span>
#include <time.h>
#include <unistd.h>
#include <unordered_set>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

using entries = std::span<const index_file::entry>;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// An open folder, closed at the end.
struct folder {
    int fd;
    DIR* list = nullptr;
    explicit folder(int open) : fd(open) {}
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() {
        if (list)
            ::closedir(list);
        else if (fd >= 0)
            ::close(fd);
    }
    /// nullptr: there is no more; errno tells whether it failed.
    const dirent* next() {
        if (!list && !(list = ::fdopendir(fd))) return nullptr;
        for (;;) {
            errno = 0;
            const auto* entry = ::readdir(list);
            if (!entry) return nullptr;
            std::string_view name = entry->d_name;
            if (name != "." && name != "..") return entry;
        }
    }
};

/// Visits what a folder has, together with the entries of the index that are below it.
class walk {
public:
    virtual ~walk() = default;
    void whole(const fs::path& tree, entries all) {
        folder top(::open(tree.c_str(), folder_flags));
        struct stat info{};
        if (top.fd < 0 || ::fstat(top.fd, &info) != 0) throw not_plain{};
        device_ = info.st_dev;
        below(top, "", all, 0);
    }

protected:
    virtual void file(int at, const char* name, const index_file::entry& known) = 0;
    virtual void lost(entries all) = 0; // there is no such folder any more
    /// The names in a folder that has `known` of the index's.
    virtual void names(folder& at, const std::string& path, const std::unordered_set<std::string_view>& known) = 0;

    /// Its owner, whose git will read it, can do that too.
    void enter(const folder& at, int depth) const {
        struct stat info{};
        if (::fstat(at.fd, &info) != 0) throw not_plain{};
        look_sums::enter(info, device_, depth);
    }

private:
    void below(folder& at, const std::string& path, entries all, int depth) {
        enter(at, depth);
        std::unordered_set<std::string_view> known;
        for (std::size_t i = 0; i < all.size();) {
            auto rest = all[i].path.substr(path.size());
            auto slash = rest.find('/');
            auto name = rest.substr(0, slash);
            known.insert(name);
            std::string part(name);
            if (slash == rest.npos) {
                file(at.fd, part.c_str(), all[i++]);
                continue;
            }
            auto inside = path + part + "/";
            auto end = i;
            while (end < all.size() && all[end].path.starts_with(inside))
                ++end;
            auto those = all.subspan(i, end - i);
            i = end;
            folder next(::openat(at.fd, part.c_str(), folder_flags));
            if (next.fd >= 0) {
                below(next, inside, those, depth + 1);
            } else {
                if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) throw not_plain{};
                struct stat info{};
                if (::fstatat(at.fd, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
                    known.erase(name); // something else
                lost(those);
            }
        }
        names(at, path, known);
    }

    dev_t device_ = 0;
};

/// Takes the stat data of a tree that no program has used.
class taking final : public walk {
public:
    explicit taking(index_file& into) : into_(into) {}
    timespec newest{};
    bool fine =
        false; // the file system tells times to less than a microsecond; where it tells seconds, edits are missed

private:
    void file(int at, const char* name, const index_file::entry& known) override {
        struct stat info{};
        if (::fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) != 0) throw not_plain{};
        into_.set_mark(known, mark_of(info));
        fine = fine || info.st_ctim.tv_nsec % 1000 != 0;
        if (std::pair(info.st_ctim.tv_sec, info.st_ctim.tv_nsec) > std::pair(newest.tv_sec, newest.tv_nsec))
            newest = info.st_ctim;
    }
    void lost(entries) override { throw not_plain{}; }
    void names(folder&, const std::string&, const std::unordered_set<std::string_view>&) override {}

    index_file& into_;
};

/// Compares a task's tree with it.
class comparing final : public walk {
public:
    comparing(const index_file& with, tree_look& into) : with_(with), into_(into) {}
    std::vector<index_file::entry> wanted; // entries that git needs

private:
    void file(int at, const char* name, const index_file::entry& known) override {
        bool rules = last_part(known.path) == attributes_file;
        into_.attributes = into_.attributes || rules;
        struct stat info{};
        bool there = ::fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (!there && errno != ENOENT) throw not_plain{};
        if (there && mark_of(info) == with_.mark(known)) {
            if (rules || last_part(known.path) == ignore_file) wanted.push_back(known);
            return;
        }
        if (rules) throw not_plain{};
        if (there && S_ISDIR(info.st_mode)) {
            fresh_folder(at, name, std::string(known.path));
            there = false;
        }
        if (!there) {
            into_.gone.emplace_back(known.path);
            return;
        }
        sums_.take(info);
        into_.touched.emplace_back(known.path);
        wanted.push_back(known);
    }

    void lost(entries all) override {
        for (const auto& one : all) {
            if (last_part(one.path) == attributes_file) throw not_plain{};
            into_.gone.emplace_back(one.path);
        }
    }

    void names(folder& at, const std::string& path, const std::unordered_set<std::string_view>& known) override {
        int fd = at.fd;
        while (const auto* entry = at.next()) {
            std::string_view name = entry->d_name;
            if (known.contains(name) || (path.empty() && name == ".git")) continue;
            struct stat info{};
            if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == ENOENT) continue;
                throw not_plain{};
            }
            if (!sums_.fresh(name, info)) continue;
            if (S_ISDIR(info.st_mode))
                fresh_folder(fd, entry->d_name, path + entry->d_name);
            else
                into_.fresh.push_back(path + entry->d_name);
        }
        if (errno != 0) throw not_plain{};
    }

    void fresh_folder(int at, const char* name, std::string path) {
        count(at, name, 0);
        into_.fresh.push_back(std::move(path));
    }

    void count(int at, const char* name, int depth) {
        folder here(::openat(at, name, folder_flags));
        if (here.fd < 0) throw not_plain{};
        enter(here, depth);
        sums_.take_folder();
        int fd = here.fd;
        while (const auto* entry = here.next()) {
            struct stat info{};
            if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) throw not_plain{};
            if (sums_.fresh(entry->d_name, info) && S_ISDIR(info.st_mode)) count(fd, entry->d_name, depth + 1);
        }
        if (errno != 0) throw not_plain{};
    }

    const index_file& with_;
    tree_look& into_;
    look_sums sums_;
};

/// Until a file that is changed now gets another time than `last`: the kernel's clock for that ticks each few
/// milliseconds, and the walk itself mostly took longer.
void wait_for_tick(const timespec& last) {
    timespec now{}, pause{.tv_sec = 0, .tv_nsec = 500'000};
    for (int n = 0; n < 200; ++n) {
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
        if (std::pair(now.tv_sec, now.tv_nsec) > std::pair(last.tv_sec, last.tv_nsec)) return;
        ::nanosleep(&pause, nullptr);
    }
    throw not_plain{};
}

bool remember(const fs::path& tree, const fs::path& into, const commit_id& base) {
    try {
        auto index = index_file::parse(content_of(tree / ".git/index"));
        if (!index) return false;
        taking all(*index);
        all.whole(tree, index->entries());
        if (!all.fine) return false;
        wait_for_tick(all.newest);
        write_file(into, base + "\n" + index->bytes(), 0600);
    } catch (const not_plain&) {
        return false;
    }
    return true;
}

std::optional<tree_look> look(const fs::path& tree, const fs::path& remembered, const commit_id& base) {
    auto said = content_of(remembered);
    if (!said.starts_with(base + "\n")) return std::nullopt;
    auto index = index_file::parse(said.substr(base.size() + 1));
    if (!index) return std::nullopt;
    tree_look seen;
    try {
        comparing both(*index, seen);
        both.whole(tree, index->entries());
        // The order of the walk is that of the index but for what a folder has more.
        for (const auto& one : seen.touched)
            if (auto changed =
                    std::ranges::lower_bound(both.wanted, std::string_view(one), {}, &index_file::entry::path);
                changed != both.wanted.end() && changed->path == one)
                index->set_mark(*changed, {});
        seen.index = index->with(both.wanted);
        seen.base = std::make_shared<const index_file>(std::move(*index));
    } catch (const not_plain&) {
        return std::nullopt;
    }
    return seen;
}

} // namespace

awaitable<> remember_tree(fs::path tree, fs::path into, commit_id base) {
    std::error_code ec;
    fs::remove(into, ec);
    co_await on_a_thread([&] { return remember(tree, into, base); });
}

awaitable<std::optional<tree_look>> look_again(fs::path tree, fs::path remembered, commit_id base) {
    if (remembered.empty() || !fs::exists(remembered)) co_return std::nullopt;
    co_return co_await on_a_thread([&] { return look(tree, remembered, base); });
}

} // namespace persais::git
