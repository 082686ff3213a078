#include "git/work_files.hpp"

#include "base/on_a_thread.hpp"
#include "git/limits.hpp"
#include "git/look_sums.hpp"
#include "git/upper_look.hpp"
#include "sandbox/owned_fd.hpp"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

using sandbox::owned_fd;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// A folder of the tree, open; of a layered one that of the upper layer, or the checkout's where that has none.
struct place {
    owned_fd here;            // -1: the upper layer has no such folder
    bool shows_below = false; // the checkout's folder of the same path shows through
};

class reader {
public:
    reader(const fs::path& top, fs::path checkout) : checkout_(std::move(checkout)) {
        top_.here = owned_fd(::open(top.c_str(), folder_flags));
        top_.shows_below = layered();
        struct stat info{};
        if (top_.here.get() < 0 || ::fstat(top_.here.get(), &info) != 0) throw not_plain{};
        device_ = info.st_dev;
    }

    work_files all(const tree_look& seen) {
        work_files found;
        for (const auto& path : seen.touched)
            found.touched.push_back(file(folder_of(path), path));
        for (const auto& path : seen.fresh)
            one(found.fresh, folder_of(path), path, 0);
        for (const auto& one : found.fresh)
            add_ignores(one.path, found.ignores);
        return found;
    }

private:
    bool layered() const { return !checkout_.empty(); }

    /// Opens a folder in its parent.
    place enter(const place& parent, const std::string& name) const {
        place in{.here = owned_fd(parent.here.get() < 0 ? -1 : ::openat(parent.here.get(), name.c_str(), folder_flags)),
                 .shows_below = parent.shows_below};
        if (in.here.get() < 0) {
            if (layered() && in.shows_below && (parent.here.get() < 0 || errno == ENOENT)) return in;
            throw not_plain{};
        }
        if (layered() && !note_of_layer(in.here.get(), "redirect").empty()) throw not_plain{};
        if (layered() && note_of_layer(in.here.get(), "opaque") == "y") in.shows_below = false;
        return in;
    }
    place again(const place& of) const {
        return {.here = owned_fd(of.here.get() < 0 ? -1 : ::fcntl(of.here.get(), F_DUPFD_CLOEXEC, 0)),
                .shows_below = of.shows_below};
    }
    place folder_of(std::string_view path) const {
        auto at = again(top_);
        for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
            at = enter(at, std::string(path.substr(0, slash)));
            path.remove_prefix(slash + 1);
        }
        return at;
    }

    struct stat about(const place& folder, const std::string& name) const {
        struct stat info{};
        if (folder.here.get() < 0 || ::fstatat(folder.here.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            info.st_dev != device_)
            throw not_plain{};
        return info;
    }

    void take(std::size_t bytes) {
        bytes_ += bytes;
        if (bytes_ > limits::import_read_bytes || ++files_ > limits::import_read_files) throw not_plain{};
    }

    /// All bytes of an open file, which has so many.
    std::string bytes_of(int fd, off_t size) {
        if (size < 0 || static_cast<std::uintmax_t>(size) > limits::import_read_bytes) throw not_plain{};
        take(static_cast<std::size_t>(size));
        std::string bytes(static_cast<std::size_t>(size) + 1, '\0');
        std::size_t got = 0;
        while (got < bytes.size()) {
            auto more = ::read(fd, bytes.data() + got, bytes.size() - got);
            if (more < 0 && errno == EINTR) continue;
            if (more < 0) throw not_plain{};
            if (more == 0) break;
            got += static_cast<std::size_t>(more);
        }
        if (got != static_cast<std::size_t>(size)) throw not_plain{};
        bytes.resize(got);
        return bytes;
    }

    work_file file(const place& folder, const std::string& path) {
        std::string name(last_part(path));
        auto info = about(folder, name);
        if (S_ISLNK(info.st_mode)) {
            char target[PATH_MAX];
            auto length = ::readlinkat(folder.here.get(), name.c_str(), target, sizeof target);
            if (length <= 0 || length == sizeof target) throw not_plain{};
            take(static_cast<std::size_t>(length));
            return {path, 0120000, std::string(target, static_cast<std::size_t>(length))};
        }
        if (!S_ISREG(info.st_mode)) throw not_plain{};
        // What became something else meanwhile must not hold this up.
        owned_fd open(
            ::openat(folder.here.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat now{};
        if (open.get() < 0 || ::fstat(open.get(), &now) != 0 || !S_ISREG(now.st_mode) || now.st_ino != info.st_ino ||
            now.st_dev != device_)
            throw not_plain{};
        return {path, (now.st_mode & S_IXUSR) != 0 ? 0100755U : 0100644U, bytes_of(open.get(), now.st_size)};
    }

    /// A new name: a file, or a folder with all that is in it. The base has no folder there.
    void one(std::vector<work_file>& into, const place& folder, const std::string& path, int depth) {
        std::string name(last_part(path));
        auto info = about(folder, name);
        if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) return into.push_back(file(folder, path));
        if (!S_ISDIR(info.st_mode)) return;
        if (depth > limits::import_depth) throw not_plain{};
        auto inside = enter(folder, name);
        for (const auto& each : names_in(inside))
            one(into, inside, path + "/" + each, depth + 1);
    }

    std::vector<std::string> names_in(const place& folder) const {
        int again = ::openat(folder.here.get(), ".", folder_flags); // with a place of its own in the listing
        DIR* list = again < 0 ? nullptr : ::fdopendir(again);
        if (!list && again >= 0) ::close(again);
        if (!list) throw not_plain{};
        std::vector<std::string> names;
        errno = 0;
        for (const auto* entry = ::readdir(list); entry && names.size() <= limits::import_read_files;
             entry = ::readdir(list))
            if (std::string_view name = entry->d_name; name != "." && name != "..") names.emplace_back(name);
        int error = errno;
        ::closedir(list);
        if (error != 0 || names.size() > limits::import_read_files) throw not_plain{};
        return names;
    }

    /// The rules of all folders above a path.
    void add_ignores(std::string_view path, std::map<std::string, std::string>& into) {
        auto at = again(top_);
        std::string folder;
        for (;;) {
            if (auto [where, is_new] = into.emplace(folder + std::string(ignore_file), ""); is_new)
                where->second = ignore_at(at, folder);
            auto slash = path.find('/', folder.size());
            if (slash == path.npos) return;
            at = enter(at, std::string(path.substr(folder.size(), slash - folder.size())));
            folder = path.substr(0, slash + 1);
        }
    }

    std::string ignore_at(const place& folder, const std::string& path) {
        struct stat info{};
        std::string name(ignore_file);
        if (folder.here.get() >= 0) {
            if (::fstatat(folder.here.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
                if (layered() && S_ISCHR(info.st_mode) && info.st_rdev == 0) return {}; // it was removed
                auto read = file(folder, path + name);
                if (read.mode == 0120000) throw not_plain{};
                return read.bytes;
            }
            if (errno != ENOENT) throw not_plain{};
        }
        if (!layered() || !folder.shows_below) return {};
        // The checkout is the service's own.
        owned_fd below(::open((checkout_ / path / name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (below.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return {};
        if (below.get() < 0 || ::fstat(below.get(), &info) != 0 || !S_ISREG(info.st_mode)) throw not_plain{};
        return bytes_of(below.get(), info.st_size);
    }

    fs::path checkout_; // empty: the tree is simply there
    place top_;
    dev_t device_ = 0;
    std::size_t bytes_ = 0, files_ = 0;
};

} // namespace

awaitable<std::optional<work_files>> read_work(const tree_look& seen, fs::path tree, sandbox::layers layers) {
    co_return co_await on_a_thread([&]() -> std::optional<work_files> {
        try {
            if (!layers) return reader(tree, {}).all(seen);
            if (layers.lower.size() != 1) return std::nullopt;
            return reader(layers.upper / "files", layers.lower.front().folder).all(seen);
        } catch (const not_plain&) {
            return std::nullopt;
        }
    });
}

} // namespace persais::git
