#include "sandbox/folders.hpp"

#include "base/limits.hpp"
#include "sandbox/spawn.hpp"

#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persais::sandbox {
namespace {

struct receiver {
    uid_t uid;
    gid_t gid;
    dev_t device;
    std::filesystem::path folder; // for messages

    [[noreturn]] void fail(int error) const {
        throw std::system_error(error, std::generic_category(),
                                "cannot give " + folder.string() + " to the task's user");
    }

    void take(int at, const char* name) const {
        if (::fchownat(at, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT) fail(errno);
    }

    /// Takes the entries of `open`; the folder itself was taken.
    void take_entries(owned_fd open, int depth) const {
        if (depth > limits::tree_depth) fail(ELOOP);
        std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(open.get()), ::closedir);
        if (!list) fail(errno);
        int at = open.release();
        while (const dirent* entry = ::readdir(list.get())) {
            const char* name = entry->d_name;
            if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
            take(at, name);
            if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) continue;
            owned_fd below(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (!below && (errno == ENOTDIR || errno == ELOOP || errno == ENOENT)) continue;
            if (!below) fail(errno);
            struct stat info{};
            if (::fstat(below.get(), &info) != 0) fail(errno);
            if (info.st_dev == device) take_entries(std::move(below), depth + 1);
        }
    }
};

} // namespace

void give_to(const std::filesystem::path& folder, uid_t uid, gid_t gid) {
    receiver to{.uid = uid, .gid = gid, .device = 0, .folder = folder};
    owned_fd open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!open) to.fail(errno);
    struct stat info{};
    if (::fstat(open.get(), &info) != 0) to.fail(errno);
    to.device = info.st_dev;
    if (::fchown(open.get(), uid, gid) != 0) to.fail(errno);
    to.take_entries(std::move(open), 0);
}

} // namespace persais::sandbox
