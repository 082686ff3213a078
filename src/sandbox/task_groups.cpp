#include "sandbox/task_groups.hpp"

#include "sandbox/group_place.hpp"
#include "sandbox/limits.hpp"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::sandbox {
namespace {

namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr const char* prefix = "persais-tasks-";
constexpr const char* service_leaf = "persais-service";

/// Writes one value, because control groups accept one per write. Returns an errno, or 0.
int put(const fs::path& file, const std::string& value) {
    owned_fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return errno;
    return ::write(fd.get(), value.data(), value.size()) < 0 ? errno : 0;
}

std::string reason(const char* what, const fs::path& path, int error) {
    return fmt::format("{} {}: {}", what, path.string(), std::strerror(error));
}

owned_fd locked(const fs::path& folder, int how) {
    owned_fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (fd && ::flock(fd.get(), how) != 0)
        if (errno != EINTR) return {};
    return fd;
}

std::vector<pid_t> processes(const fs::path& group) {
    std::vector<pid_t> found;
    std::ifstream list(group / "cgroup.procs");
    for (pid_t pid = 0; list >> pid;)
        found.push_back(pid);
    return found;
}

std::vector<fs::path> below(const fs::path& group) {
    std::vector<fs::path> found;
    std::error_code ec;
    for (fs::directory_iterator i(group, ec), end; !ec && i != end; i.increment(ec))
        if (i->is_directory(ec)) found.push_back(i->path());
    return found;
}

void kill_all_in(const fs::path& group) {
    put(group / "cgroup.kill", "1");
    for (pid_t pid : processes(group))
        if (pid > 0) ::kill(pid, SIGKILL);
}

/// Removes a group with everything that runs in it and below it. Waits at most limits::group_removal; the next start
/// finds what is left then.
void remove_group(const fs::path& group) {
    auto until = steady::now() + limits::group_removal;
    for (;;) {
        for (const auto& part : below(group)) {
            kill_all_in(part);
            ::rmdir(part.c_str());
        }
        if (::rmdir(group.c_str()) == 0 || errno == ENOENT || steady::now() > until) return;
        kill_all_in(group);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void remove_dead(const fs::path& base) {
    for (const auto& group : below(base))
        if (group.filename().string().starts_with(prefix) && locked(group, LOCK_EX | LOCK_NB)) remove_group(group);
}

bool has_word(const fs::path& file, std::string_view wanted) {
    std::ifstream in(file);
    for (std::string word; in >> word;)
        if (word == wanted) return true;
    return false;
}

/// Enables limits for groups below `group`; those of processes are optional, those of memory are required.
int divide(const fs::path& group) {
    put(group / "cgroup.subtree_control", "+pids");
    return has_word(group / "cgroup.subtree_control", "memory") ? 0 : put(group / "cgroup.subtree_control", "+memory");
}

bool is_delegated(const fs::path& group) {
    for (const char* name : {"trusted.delegate", "user.delegate"}) { // as systemd marks them
        char value = 0;
        if (::getxattr(group.c_str(), name, &value, 1) == 1 && value == '1') return true;
    }
    return false;
}

/// Version 2 enables limits only below groups without processes, so those are moved into a leaf.
result<void> make_room(const fs::path& group) {
    auto leaf = group / service_leaf;
    if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return fail(reason("cannot make", leaf, errno));
    int error = 0;
    // This is repeated as long as there are any, because a process may have started another one meanwhile.
    for (int pass = 0; pass < 10 && error == 0; ++pass) {
        auto there = processes(group);
        if (there.empty()) break;
        for (pid_t pid : there)
            if (int failed = put(leaf / "cgroup.procs", std::to_string(pid)); failed != 0 && failed != ESRCH)
                error = failed;
    }
    if (error == 0) error = divide(group);
    if (error == 0) return {};
    for (pid_t pid : processes(leaf))
        put(group / "cgroup.procs", std::to_string(pid));
    ::rmdir(leaf.c_str());
    return fail(reason("cannot divide", group, error));
}

/// The group in which groups with limits can be made.
result<fs::path> room_of_version_2() {
    auto place = find_group("");
    if (!place) return fail("version 2 is not mounted");
    if (!has_word(place->own / "cgroup.controllers", "memory")) return fail("version 2 has no memory controller here");
    bool top = !fs::exists(place->own / "cgroup.type"); // the machine's top group: it may hold processes and groups
    bool leaf = place->own.filename() == service_leaf;
    auto base = leaf ? place->own.parent_path() : place->own;
    if (top || leaf) {
        int error = divide(base);
        if (error != 0) return fail(reason("cannot divide", base, error));
        return base;
    }
    if (base != place->mount && !is_delegated(base))
        return fail(fmt::format("{} is not delegated to it (systemd: Delegate=yes)", base.string()));
    if (auto made = make_room(base); !made) return std::unexpected(made.error());
    return base;
}

} // namespace

result<held_group> held_group::make(const fs::path& base) {
    // The group is made and locked under this lock, because otherwise another start could take a group without a lock
    // for a dead one.
    auto moment = locked(base, LOCK_EX);
    remove_dead(base);
    held_group made;
    auto name = (base / prefix).string() + "XXXXXX";
    if (!::mkdtemp(name.data())) return fail(reason("cannot make a group in", base, errno));
    made.path_ = name;
    made.lock_ = locked(made.path_, LOCK_EX | LOCK_NB);
    if (!made.lock_) return fail(reason("cannot lock", made.path_, errno));
    return made;
}

held_group::~held_group() {
    if (!path_.empty()) remove_group(path_);
}

result<task_groups> task_groups::version_2(const memory_plan& plan) {
    auto base = room_of_version_2();
    if (!base) return std::unexpected(base.error());
    auto made = held_group::make(*base);
    if (!made) return std::unexpected(made.error());
    task_groups groups;
    groups.memory_ = std::move(*made);
    const auto& group = groups.memory();
    if (int error = divide(group)) return fail(reason("cannot divide", group, error));
    if (int error = put(group / "memory.max", std::to_string(plan.all_bytes)))
        return fail(reason("cannot set a limit in", group, error));
    return groups;
}

result<task_groups> task_groups::version_1(const memory_plan& plan) {
    auto memory = find_group("memory");
    if (!memory) return fail("version 1 has no memory controller here");
    auto made = held_group::make(memory->own);
    if (!made) return std::unexpected(made.error());
    task_groups groups;
    groups.memory_ = std::move(*made);
    const auto& group = groups.memory();
    put(group / "memory.use_hierarchy", "1"); // always so since Linux 5.11
    if (int error = put(group / "memory.limit_in_bytes", std::to_string(plan.all_bytes)))
        return fail(reason("cannot set a limit in", group, error));
    if (auto pids = find_group("pids"))
        if (auto second = held_group::make(pids->own)) groups.pids_ = std::move(*second);
    return groups;
}

} // namespace persais::sandbox
