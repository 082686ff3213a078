#include "git/upper_look.hpp"

#include "base/on_a_thread.hpp"
#include "git/index_file.hpp"
#include "git/limits.hpp"
#include "git/look_sums.hpp"
#include "sandbox/owned_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <span>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

using entries = std::span<const index_file::entry>;

/// What programs see as one folder: what the upper layer has of it, and what of the checkout shows through.
struct shown_folder {
    sandbox::owned_fd upper;          // -1: nothing
    std::optional<std::string> lower; // a folder of the checkout, "" or with a slash at its end; nullopt: nothing
};

/// What programs see at one name: nothing, a folder, or something else.
struct shown {
    bool there = false;
    struct stat info{}; // of the upper layer's, or of the checkout's
    std::optional<shown_folder> folder = {};
};

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class upper_walk {
public:
    upper_walk(const index_file& base, fs::path checkout, tree_look& into)
        : base_(base), checkout_(std::move(checkout)), into_(into) {}
    void whole(const fs::path& upper) {
        sandbox::owned_fd top(::open(upper.c_str(), folder_flags));
        struct stat info{};
        if (top.get() < 0 || ::fstat(top.get(), &info) != 0) throw not_plain{};
        device_ = info.st_dev;
        below({std::move(top), ""}, "", 0);
    }

private:
    static constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

    entries all_in(std::string_view folder) const {
        entries all = base_.entries();
        auto begin = std::ranges::partition_point(all, [&](const auto& one) { return one.path < folder; });
        auto end =
            std::partition_point(begin, all.end(), [&](const auto& one) { return one.path.starts_with(folder); });
        return {begin, end};
    }
    const index_file::entry* file_at(std::string_view path) const {
        const auto& all = base_.entries();
        auto found = std::ranges::lower_bound(all, path, {}, &index_file::entry::path);
        return found != all.end() && found->path == path ? &*found : nullptr;
    }

    void enter(const shown_folder& at, int depth) const {
        struct stat info{.st_dev = device_, .st_mode = S_IRWXU}; // of the checkout
        if (at.upper.get() >= 0 && ::fstat(at.upper.get(), &info) != 0) throw not_plain{};
        look_sums::enter(info, device_, depth);
    }

    using names = std::set<std::string, std::less<>>;
    void add_upper(const shown_folder& at, names& into) const {
        if (at.upper.get() < 0) return;
        int again = ::openat(at.upper.get(), ".", folder_flags); // with a place of its own in the listing
        DIR* list = again < 0 ? nullptr : ::fdopendir(again);
        if (!list) {
            if (again >= 0) ::close(again);
            throw not_plain{};
        }
        errno = 0;
        const auto* entry = ::readdir(list);
        for (; entry && into.size() <= base_.entries().size() + limits::import_files; entry = ::readdir(list))
            into.insert(entry->d_name);
        int error = entry ? E2BIG : errno;
        ::closedir(list);
        if (error != 0) throw not_plain{};
        into.erase(".");
        into.erase("..");
    }
    void add_of_checkout(std::string_view folder, names& into) const {
        for (const auto& one : all_in(folder))
            into.emplace(one.path.substr(folder.size(), one.path.find('/', folder.size()) - folder.size()));
    }

    /// What of the checkout shows through a folder of the upper layer.
    std::optional<std::string> lower_of(int upper, const shown_folder& parent, const std::string& name) const {
        if (note_of_layer(upper, "opaque") == "y") return std::nullopt;
        auto moved_from = note_of_layer(upper, "redirect");
        std::optional<std::string> found;
        if (moved_from.starts_with('/'))
            found = moved_from.substr(1) + "/";
        else if (parent.lower)
            found = *parent.lower + (moved_from.empty() ? name : moved_from) + "/";
        if (found && all_in(*found).empty()) {
            if (!moved_from.empty()) throw not_plain{}; // a part of the repository itself, whose files are in no index
            found.reset();
        }
        return found;
    }

    shown at_name(const shown_folder& parent, const std::string& name) const {
        shown seen;
        if (parent.upper.get() >= 0) {
            if (::fstatat(parent.upper.get(), name.c_str(), &seen.info, AT_SYMLINK_NOFOLLOW) == 0) {
                if (S_ISCHR(seen.info.st_mode) && seen.info.st_rdev == makedev(0, 0)) return seen; // it was removed
                seen.there = true;
                if (!S_ISDIR(seen.info.st_mode)) return seen;
                sandbox::owned_fd opened(::openat(parent.upper.get(), name.c_str(), folder_flags));
                if (opened.get() < 0) throw not_plain{};
                auto lower = lower_of(opened.get(), parent, name);
                seen.folder = shown_folder{std::move(opened), std::move(lower)};
                return seen;
            }
            if (errno != ENOENT) throw not_plain{};
        }
        if (!parent.lower) return seen;
        auto path = *parent.lower + name;
        seen.there = file_at(path) != nullptr;
        if (seen.there && ::lstat((checkout_ / path).c_str(), &seen.info) != 0) throw not_plain{};
        if (!seen.there && !all_in(path + "/").empty()) {
            seen.there = true;
            seen.info.st_mode = S_IFDIR | S_IRWXU;
            seen.folder = shown_folder{sandbox::owned_fd(), path + "/"};
        }
        return seen;
    }

    /// Where the checkout's own folder shows through, only names of the upper layer can have changed.
    void below(const shown_folder& at, const std::string& path, int depth) {
        enter(at, depth);
        names all;
        add_upper(at, all);
        if (at.lower != path) {
            if (at.lower) add_of_checkout(*at.lower, all);
            add_of_checkout(path, all);
        }
        for (const auto& name : all)
            if (!path.empty() || name != ".git") one(at, path, name, depth);
    }

    void one(const shown_folder& parent, const std::string& path, const std::string& name, int depth) {
        auto here = path + name;
        auto seen = at_name(parent, name);
        auto inside = all_in(here + "/");
        if (seen.folder && !inside.empty()) return below(*seen.folder, here + "/", depth + 1);
        for (const auto& lost : inside)
            gone(lost);
        if (const auto* known = file_at(here)) {
            if (seen.there && !seen.folder) return touched(*known, seen.info);
            gone(*known);
        }
        if (!seen.there || !sums_.fresh(name, seen.info)) return;
        if (seen.folder) count(*seen.folder, 0);
        into_.fresh.push_back(here);
    }

    void gone(const index_file::entry& known) {
        if (last_part(known.path) == attributes_file) throw not_plain{};
        into_.gone.emplace_back(known.path);
    }
    void touched(const index_file::entry& known, const struct stat& info) {
        if (last_part(known.path) == attributes_file) throw not_plain{};
        sums_.take(info);
        into_.touched.emplace_back(known.path);
    }

    void count(const shown_folder& at, int depth) {
        enter(at, depth);
        sums_.take_folder();
        names all;
        add_upper(at, all);
        if (at.lower) add_of_checkout(*at.lower, all);
        for (const auto& name : all) {
            auto seen = at_name(at, name);
            if (seen.there && sums_.fresh(name, seen.info) && seen.folder) count(*seen.folder, depth + 1);
        }
    }

    const index_file& base_;
    fs::path checkout_;
    tree_look& into_;
    dev_t device_ = 0;
    look_sums sums_;
};

/// Git needs the rules of all folders, and what was touched, whose stat data is then none that a file has.
std::string index_for_git(index_file& base, tree_look& seen) {
    std::set<std::string_view> touched(seen.touched.begin(), seen.touched.end());
    std::set<std::string_view> gone(seen.gone.begin(), seen.gone.end());
    std::vector<index_file::entry> wanted;
    for (const auto& one : base.entries()) {
        bool attributes = last_part(one.path) == attributes_file;
        seen.attributes = seen.attributes || attributes;
        if (touched.contains(one.path)) {
            base.set_mark(one, {});
            wanted.push_back(one);
        } else if ((attributes || last_part(one.path) == ignore_file) && !gone.contains(one.path)) {
            wanted.push_back(one);
        }
    }
    return base.with(wanted);
}

std::optional<tree_look> look(const sandbox::layers& tree, const commit_id& base) {
    if (tree.lower.size() != 1) return std::nullopt;
    const auto& checkout = tree.lower.front().folder;
    if (content_of(checkout / ".git/refs/heads/work") != base + "\n") return std::nullopt; // as it was made
    auto index = index_file::parse(content_of(checkout / ".git/index"));
    if (!index) return std::nullopt;
    tree_look seen;
    try {
        upper_walk(*index, checkout, seen).whole(tree.upper / "files");
    } catch (const not_plain&) {
        return std::nullopt;
    }
    seen.index = index_for_git(*index, seen);
    seen.base = std::make_shared<const index_file>(std::move(*index));
    return seen;
}

} // namespace

// Which of the two kinds of notes counts is what keeper::layers mounted.
std::string note_of_layer(int folder, const char* name) {
    char value[PATH_MAX];
    auto whole = std::string(::geteuid() == 0 ? "trusted.overlay." : "user.overlay.") + name;
    auto length = ::fgetxattr(folder, whole.c_str(), value, sizeof value);
    if (length < 0 && errno != ENODATA && errno != ENOTSUP) throw not_plain{};
    return length < 0 ? std::string() : std::string(value, static_cast<std::size_t>(length));
}

awaitable<std::optional<tree_look>> look_at_upper(sandbox::layers tree, commit_id base) {
    co_return co_await on_a_thread([&] { return look(tree, base); });
}

} // namespace persais::git
