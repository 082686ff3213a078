#include "git/files.hpp"

#include "git/limits.hpp"
#include "sandbox/child.hpp"

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace persais::git {

namespace fs = std::filesystem;

void make_private_folder(const fs::path& folder) {
    fs::create_directories(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw std::system_error(errno, std::generic_category(), "cannot make " + folder.string());
}

void write_file(const fs::path& file, std::string_view bytes, int mode) {
    auto part = file;
    part += "." + std::to_string(::getpid()) + ".part";
    int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + part.string());
    auto wrote = ::write(fd, bytes.data(), bytes.size());
    int error = wrote < 0 ? errno : ENOSPC; // errno does not tell of a part
    ::close(fd);
    if (wrote != static_cast<ssize_t>(bytes.size())) {
        ::unlink(part.c_str());
        throw std::system_error(error, std::generic_category(), "cannot write " + part.string());
    }
    fs::rename(part, file);
}

std::string content_of(const fs::path& file, std::error_code& ec) {
    ec.clear();
    std::string bytes;
    sandbox::owned_fd in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    ssize_t got = in.get() < 0 ? -1 : 0;
    for (char piece[16384]; in.get() >= 0;) {
        got = ::read(in.get(), piece, sizeof piece);
        if (got > 0)
            bytes.append(piece, static_cast<std::size_t>(got));
        else if (got == 0 || errno != EINTR)
            break;
    }
    if (got == 0) return bytes;
    ec.assign(errno, std::generic_category());
    return {};
}

std::string content_of(const fs::path& file) {
    std::error_code ignored;
    return content_of(file, ignored);
}

std::string boot_id() {
    return content_of("/proc/sys/kernel/random/boot_id");
}

void each_file_below(const fs::path& folder, const std::function<void(const fs::path&)>& tell) {
    std::error_code ec, unknown;
    // One folder at a time: a recursive_directory_iterator is at its end as soon as one that it wants to enter is gone.
    for (fs::directory_iterator i(folder, ec), end; !ec && i != end; i.increment(ec)) {
        auto kind = i->symlink_status(unknown).type();
        if (kind == fs::file_type::directory) each_file_below(i->path(), tell);
        if (kind == fs::file_type::regular) tell(i->path());
    }
    if (ec == std::errc::not_a_directory && fs::is_regular_file(fs::symlink_status(folder, unknown)))
        tell(folder); // since it was listed
    else if (ec && ec != std::errc::no_such_file_or_directory && ec != std::errc::not_a_directory)
        throw fs::filesystem_error("cannot read", folder, ec);
}

namespace {

/// The system's tools are used, in a separate process, because they handle trees of any depth, and the loop is not
/// blocked.
sandbox::child_spec tool(std::vector<std::string> argv) {
    return {.argv = std::move(argv), .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"}, .total = limits::git_local};
}

} // namespace

awaitable<> remove_folder(fs::path folder) {
    std::error_code ec;
    if (!fs::exists(fs::symlink_status(folder, ec))) co_return;
    std::vector<std::string> remove{"/bin/rm", "-rf", "--one-file-system", "--", folder.string()};
    auto result = co_await sandbox::run_child(tool(remove));
    if (!result.ok()) {
        co_await sandbox::run_child(tool({"/bin/chmod", "-R", "u+rwX", "--", folder.string()}));
        result = co_await sandbox::run_child(tool(remove));
    }
    if (!result.ok()) throw std::runtime_error("cannot remove " + folder.string() + ": " + result.error);
}

awaitable<> copy_folder(fs::path from, fs::path to) {
    std::vector<std::string> copy{"/bin/cp", "--archive",   "--reflink=auto", "--no-target-directory",
                                  "--",      from.string(), to.string()};
    auto result = co_await sandbox::run_child(tool(copy));
    if (!result.ok()) { // what its owner may not read cannot be copied, unless we are root
        co_await remove_folder(to);
        co_await sandbox::run_child(tool({"/bin/chmod", "-R", "u+rX", "--", from.string()}));
        result = co_await sandbox::run_child(tool(copy));
    }
    if (result.ok()) co_return;
    co_await remove_folder(to);
    throw std::runtime_error("cannot copy " + from.string() + ": " + result.error);
}

namespace {

bool left_over(const fs::path& file, bool of_objects) {
    auto name = file.filename().string();
    if (of_objects) return name.starts_with("tmp_") || name.ends_with(".lock") || name.starts_with(".tmp-");
    return name.ends_with(".lock");
}

} // namespace

bool sweep_repository(const fs::path& git_dir, bool only_look, bool objects) {
    bool found = false;
    auto look = [&](const fs::path& folder, bool of_objects) {
        each_file_below(folder, [&](const fs::path& file) {
            if (!left_over(file, of_objects)) return;
            found = true;
            std::error_code ignored;
            if (!only_look) fs::remove(file, ignored);
        });
    };
    std::error_code ec;
    for (fs::directory_iterator it(git_dir, ec), end; !ec && it != end; it.increment(ec)) {
        if (it->is_regular_file() && left_over(it->path(), false)) {
            found = true;
            std::error_code ignored;
            if (!only_look) fs::remove(it->path(), ignored);
        }
    }
    look(git_dir / "refs", false);
    if (objects) look(git_dir / "objects", true);
    return found;
}

} // namespace persais::git
