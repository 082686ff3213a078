#include "git/refs.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {

namespace {
constexpr std::string_view heads = "refs/heads/";
constexpr std::string_view tags = "refs/tags/";
} // namespace

remote_refs parse_ls_remote(std::string_view output) {
    remote_refs refs;
    std::optional<std::string> named;
    for (auto line : pieces(output, '\n')) {
        auto tab = line.find('\t');
        if (tab == std::string_view::npos) continue;
        auto value = line.substr(0, tab);
        auto name = line.substr(tab + 1);
        if (name == "HEAD" && value.starts_with("ref: refs/heads/"))
            named = value.substr(5 + heads.size());
        else if (name.starts_with(heads) && is_id(value))
            refs.branches[std::string(name.substr(heads.size()))] = value;
        else if (name.starts_with(tags) && is_id(value) && !name.ends_with("^{}")) // that is what the tag names
            (*refs.tags)[std::string(name.substr(tags.size()))] = value;
    }
    if (named && refs.branches.contains(*named)) refs.head = named;
    return refs;
}

bool is_ours(std::string_view ref) {
    return std::ranges::any_of(std::array{"refs/persais/", "refs/heads/mechanic/", "refs/heads/mechanic-"},
                               [&](std::string_view start) { return ref.starts_with(start); });
}

awaitable<outcome<remote_refs>> read_remote(layout at, address to, remote where, std::optional<std::string> only) {
    std::vector<std::string> arguments{"ls-remote", "--symref"};
    if (to.local()) arguments.push_back("--upload-pack=" + far_end("upload-pack"));
    arguments.insert(arguments.end(), {"--", to.url});
    if (only)
        arguments.push_back("refs/heads/" + *only);
    else
        arguments.insert(arguments.end(), {"HEAD", "refs/heads/*", "refs/tags/*"});
    auto ask = at.on_remote(to, where, arguments);
    ask.total = limits::git_read_remote;
    auto result = co_await at.run(std::move(ask));
    bool cut = result.ok() && result.output_cut && !only;
    if (cut) {
        arguments.pop_back();
        ask = at.on_remote(to, where, std::move(arguments));
        ask.total = limits::git_read_remote;
        result = co_await at.run(std::move(ask));
    }
    if (!result.ok())
        co_return std::unexpected(
            co_await at.explain(std::move(result), std::move(to), std::move(where), doing::reading));
    if (result.output_cut)
        co_return std::unexpected(
            failure{error_kind::other, told<"{} has more branches than fit into a list of "
                                            "{} MiB: delete some that nobody needs.",
                                            "На {} больше веток, чем помещается в список на {} МиБ: удалите ненужные.">(
                                           to.shown, limits::git_output_bytes >> 20)});
    auto refs = parse_ls_remote(result.output);
    if (cut) refs.tags.reset();
    co_return refs;
}

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Of a file that need not be there. Throws system_error when it is there and cannot be read.
std::string read_if_there(const fs::path& file) {
    std::error_code ec;
    auto bytes = content_of(file, ec);
    if (ec && ec != std::errc::no_such_file_or_directory) throw fs::filesystem_error("cannot read", file, ec);
    return bytes;
}

/// The branches and tags that have a file each, by their whole names.
std::map<std::string, std::string> loose_refs(const fs::path& git) {
    std::map<std::string, std::string> all;
    for (auto prefix : {heads, tags})
        each_file_below(git / prefix, [&](const fs::path& file) {
            auto name = file.lexically_relative(git).string();
            if (name.ends_with(".lock")) return;
            if (auto id = first_word(read_if_there(file)); is_id(id)) all.emplace(std::move(name), std::move(id));
        });
    return all;
}

remote_refs read_once(const fs::path& git) {
    // First those with files: what is packed meanwhile is found in the pack, which is written first.
    auto all = loose_refs(git);
    remote_refs refs{.loose = all.size()};
    auto packed = read_if_there(git / "packed-refs");
    for (auto line : pieces(packed, '\n')) { // "<id> <name>"; "^<id>" is what the tag before names
        auto id = first_word(line);
        if (is_id(id) && line.size() > id.size() + 1) all.emplace(line.substr(id.size() + 1), std::move(id));
    }
    for (auto& [name, id] : all) {
        if (name.starts_with(heads)) refs.branches.emplace(name.substr(heads.size()), std::move(id));
        if (name.starts_with(tags)) refs.tags->emplace(name.substr(tags.size()), std::move(id));
    }
    constexpr std::string_view link = "ref: refs/heads/";
    auto head = read_if_there(git / "HEAD");
    if (head.starts_with(link)) refs.head = head.substr(link.size(), head.find('\n') - link.size());
    return refs;
}

/// Git's lock on a file, which is as long as the file is there. -1 and errno: it was not to be had.
int take_lock(const fs::path& lock) {
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < 3; ++tries) { // git removes empty folders
        std::error_code ec;
        fs::create_directories(lock.parent_path(), ec);
        fd = ::open(lock.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 && errno != ENOENT) break;
    }
    return fd;
}

/// By git's own lock, which the next sweep removes when this is killed. Another git has it for a moment, as when the
/// refs are packed, and git waits for it, too.
awaitable<outcome<void>> write_locked(fs::path file, std::string line, std::chrono::milliseconds most) {
    auto lock = file;
    lock += ".lock";
    auto until = std::chrono::steady_clock::now() + most;
    int fd = -1, error = 0;
    for (auto pause = 1ms;; pause = std::min(pause * 2, 50ms)) {
        fd = take_lock(lock);
        error = fd < 0 ? errno : 0;
        if (error != EEXIST || std::chrono::steady_clock::now() >= until) break;
        co_await sleep_for(pause);
    }
    if (fd >= 0) {
        auto wrote = ::write(fd, line.data(), line.size());
        if (wrote < 0) error = errno;
        if (wrote >= 0 && wrote != static_cast<ssize_t>(line.size())) error = ENOSPC; // which errno does not tell then
    }
    if (fd >= 0) ::close(fd);
    if (error == 0 && ::rename(lock.c_str(), file.c_str()) != 0) error = errno;
    if (error == 0) co_return outcome<void>{};
    if (fd >= 0) ::unlink(lock.c_str());
    bool disk = error == ENOSPC || error == EDQUOT || error == EIO;
    co_return std::unexpected(failure{disk ? error_kind::disk_full : error_kind::other,
                                      told<"{} could not be written: {}.", "Не удалось записать {}: {}.">(
                                          file.string(), std::generic_category().message(error))});
}

} // namespace

remote_refs read_mirror(const layout& at) {
    for (int tries = 1;; ++tries) {
        try {
            return read_once(at.git());
        } catch (const fs::filesystem_error&) {
            if (tries == 3) throw; // before that, a folder may have come in the place of a file that was listed
        }
    }
}

awaitable<outcome<void>> write_ref(layout at, std::string name, commit_id commit, std::chrono::milliseconds most) {
    co_return co_await write_locked(at.git() / name, commit + "\n", most);
}

awaitable<outcome<void>> write_head(layout at, std::string name, std::chrono::milliseconds most) {
    auto line = "ref: " + name + "\n";
    if (content_of(at.git() / "HEAD") == line) co_return outcome<void>{};
    co_return co_await write_locked(at.git() / "HEAD", std::move(line), most);
}

} // namespace persais::git
