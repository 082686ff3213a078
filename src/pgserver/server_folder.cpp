#include "pgserver/server_folder.hpp"

#include "base/own_folder.hpp"
#include "pgserver/limits.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <ranges>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::pgserver {

namespace fs = std::filesystem;

namespace {

// sun_path has 108 bytes including its terminator; the server appends "/.s.PGSQL.5432.lock".
constexpr std::size_t longest_socket_folder = 107 - 19;

/// Whether PostgreSQL's settings and a socket address can contain the folder's path unescaped.
bool fit_for_socket(const fs::path& folder) {
    auto plain = [](unsigned char c) {
        return std::isalnum(c) || std::string_view("/._-+~@").contains(static_cast<char>(c));
    };
    return folder.native().size() <= longest_socket_folder && std::ranges::all_of(folder.native(), plain);
}

/// FNV-1a is the same in every build, unlike std::hash.
std::uint64_t hash(std::string_view text) {
    std::uint64_t h = 14695981039346656037U;
    for (unsigned char c : text)
        h = (h ^ c) * 1099511628211U;
    return h;
}

/// The data folder is closed to others (base/own_folder.hpp). The database's user passes through it as its group, which
/// lets nobody else in; otherwise its server would need the right to read every file of the machine.
void let_pass(const fs::path& data, const server_user& user) {
    struct stat s{};
    if (::stat(data.c_str(), &s) != 0 || s.st_uid != ::geteuid() || (s.st_mode & 0777) != 0700) return;
    if (::chown(data.c_str(), static_cast<uid_t>(-1), user.gid) == 0) ::chmod(data.c_str(), 0710);
}

result<void> private_folder(const fs::path& folder, const server_user& user) {
    if (::mkdir(folder.c_str(), 0700) == 0 && !user.ours && ::chown(folder.c_str(), user.uid, user.gid) != 0)
        return fail(
            fmt::format("{} cannot be given to the database's user: {}", folder.native(), std::strerror(errno)));
    struct stat s{};
    if (::lstat(folder.c_str(), &s) != 0)
        return fail(fmt::format("{} cannot be made: {}", folder.native(), std::strerror(errno)));
    // Below /tmp another user may have created it first.
    if (!S_ISDIR(s.st_mode) || s.st_uid != user.uid || (s.st_mode & 077))
        return fail(fmt::format("{} is not a private folder of the database's user; remove it", folder.native()));
    return {};
}

} // namespace

result<server_folder> server_folder::open(const fs::path& data) {
    server_folder f;
    std::error_code ec;
    if (!fs::exists(data, ec)) // one that is there is closed, and this told, when work begins (src/app/engine.cpp)
        if (auto made = make_own_folder(data); !made)
            return fail(fmt::format("the data folder {} cannot be used: {}", data.native(), made.error()));
    f.root_ = fs::canonical(data, ec) / "postgres";
    if (!ec) fs::create_directory(f.root_, ec);
    if (ec) return fail(fmt::format("the data folder {} cannot be used: {}", data.native(), ec.message()));
    if (::access(f.root_.c_str(), R_OK | W_OK | X_OK) != 0)
        return fail(fmt::format("the data folder {} belongs to another user", f.root_.native()));
    auto run = f.root_ / "run";
    f.socket_ = fit_for_socket(run) ? run : fs::path(fmt::format("/tmp/persais-db-{:016x}", hash(f.root_.native())));
    return f;
}

result<void> server_folder::give_to(const server_user& user) const {
    if (!user.ours) {
        let_pass(root_.parent_path(), user);
        if (reachable(user, root_)) ::chmod(root_.c_str(), 0711);
    }
    return private_folder(socket_, user);
}

void server_folder::rotate_log() const {
    std::error_code ec;
    if (fs::file_size(log(), ec) > limits::embedded_log_bytes && !ec) fs::rename(log(), root_ / "log.1", ec);
}

std::uintmax_t server_folder::log_end() const {
    std::error_code ec;
    auto size = fs::file_size(log(), ec);
    return ec ? 0 : size;
}

namespace {

/// Removes the time and the process id that PostgreSQL writes before each line.
std::string_view without_prefix(std::string_view line) {
    auto end = line.find("] ");
    return line.starts_with("20") && end != line.npos ? line.substr(end + 2) : line;
}

/// Whether the line only answers a client that connects while the server starts or stops, and so is not a reason.
bool about_a_knock(std::string_view said) {
    return said.starts_with("FATAL:  the database system is ") ||
           said.starts_with("DETAIL:  Consistent recovery state");
}

} // namespace

std::string server_folder::log_since(std::uintmax_t from) const {
    auto text = tail_of(log(), limits::embedded_words_bytes, from);
    // When the log is longer, the first line that was read is incomplete.
    auto whole = log_end() - std::min(from, log_end()) > limits::embedded_words_bytes ? text.find('\n') + 1 : 0;
    std::string line;
    for (auto part : std::views::split(std::string_view(text).substr(whole), '\n')) {
        auto said = without_prefix(std::string_view(part));
        if (about_a_knock(said)) continue;
        for (char c : said)
            if (bool space = c == '\t' || c == ' '; !space || !line.ends_with(' ')) line += space ? ' ' : c;
        if (!line.ends_with(' ')) line += ' ';
    }
    while (line.ends_with(' '))
        line.pop_back();
    return line;
}

std::string server_folder::why_not(std::uintmax_t from) const {
    auto said = log_since(from);
    std::error_code ec;
    auto room = fs::space(root_, ec);
    bool full = !ec && room.available < limits::embedded_segment_bytes; // the log itself may have found no space
    // PostgreSQL uses the same words about shared memory, which is not the disk.
    bool found_full = said.contains("No space left on device") && !said.contains("shared memory segment");
    if (full || found_full || said.contains("Disk quota exceeded"))
        return fmt::format("the disk of {} is full (or its quota used up); make room there", root_.native());
    return said;
}

void server_folder::remove_socket_folder() const {
    if (socket_.parent_path() == root_) return;
    std::error_code ec;
    fs::remove_all(socket_, ec);
}

pid_t server_folder::postmaster() const {
    std::ifstream in(cluster() / "postmaster.pid");
    pid_t pid = -1;
    in >> pid;
    return in ? pid : -1;
}

std::string server_folder::version() const {
    std::ifstream in(cluster() / "PG_VERSION");
    std::string major;
    in >> major;
    return major;
}

owned_fd try_lock(const fs::path& file, bool shared) {
    owned_fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) throw std::system_error(errno, std::generic_category(), file.native());
    if (::flock(fd.get(), (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK) throw std::system_error(errno, std::generic_category(), file.native());
    return {};
}

awaitable<owned_fd> lock(fs::path file, std::chrono::milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (auto held = try_lock(file, false)) co_return held;
        if (std::chrono::steady_clock::now() >= until) throw deadline_passed{};
        co_await sleep_for(limits::embedded_poll);
    }
}

} // namespace persais::pgserver
