#include "sandbox/choose.hpp"

#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "sandbox/bubblewrap.hpp"
#include "sandbox/guard_memory.hpp"
#include "sandbox/keeper/landlock.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/prepared_parent.hpp"
#include "sandbox/spawn.hpp"

#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <sys/utsname.h>
#include <system_error>
#include <unistd.h>

namespace persais::sandbox {
namespace {

namespace fs = std::filesystem;

/// PERSAIS_UNSAFE=1: the same children, deadlines and limits, but no confinement.
class unsafe_backend final : public backend {
public:
    unsafe_backend(std::shared_ptr<memory_guard> memory, disk_plan disk) : memory_(std::move(memory)), disk_(disk) {}
    isolation_level level() const override { return isolation_level::unsafe; }
    child_spec confine(child_spec spec, const view& what) const override {
        refuse_secrets(spec);
        spec.memory = memory_;
        hold_to(spec, disk_, what);
        spec.network = nullptr;
        spec.clone = nullptr;
        return spec;
    }
    memory_state memory() const override { return memory_->state; }
    void hand_over(const fs::path&, unsigned) const override {}
    std::string inside(const view&, const fs::path& host) const override { return host; }

private:
    std::shared_ptr<memory_guard> memory_;
    disk_plan disk_;
};

class refused_backend final : public backend {
public:
    isolation_level level() const override { return isolation_level::refused; }
    child_spec confine(child_spec, const view&) const override {
        throw std::logic_error(
            told<"tasks cannot run here: no sandbox", "задачи здесь выполнять нельзя: нет песочницы">());
    }
    void hand_over(const fs::path&, unsigned) const override {}
    std::string inside(const view&, const fs::path& host) const override { return host; }
};

/// A tree and a home for the probe; the destructor removes them.
class probe_folder {
public:
    probe_folder() {
        for (const auto& part : {as_view().tree, as_view().home})
            fs::create_directory(part);
    }
    view as_view() const { return {.tree = folder_.path() / "tree", .home = folder_.path() / "home"}; }

private:
    temp_dir folder_;
};

std::string own_namespaces() {
    std::string names;
    for (const char* kind : {"net", "pid", "mnt", "ipc", "uts"}) {
        std::error_code ec;
        names += fs::read_symlink(fs::path("/proc/self/ns") / kind, ec).string() + " ";
    }
    return names;
}

/// Task uids must exist in this process's user namespace (a container of an ordinary user has 65,536 of them).
uid_t first_task_uid() {
    std::ifstream map("/proc/self/uid_map");
    for (std::uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
        if (inside <= task_uids_from && inside + count > task_uids_from + limits::sandbox_slots) return task_uids_from;
    return task_uids_from_in_a_container;
}

bool kernel_is_at_least(int major, int minor) {
    utsname system{};
    int have_major = 0, have_minor = 0;
    return ::uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &have_major, &have_minor) == 2 &&
           std::pair(have_major, have_minor) >= std::pair(major, minor);
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// Advice on what to change, derived from the system's message.
std::string advice(const std::string& said) {
    auto flag = [](const char* path, char value) {
        std::ifstream file(path);
        char c = 0;
        return file.get(c) && c == value;
    };
    if (flag("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1') && ::getuid() != 0)
        return ": AppArmor keeps ordinary users from making namespaces: sysctl "
               "kernel.apparmor_restrict_unprivileged_userns=0, "
               "or start Persais as root";
    if (flag("/proc/sys/kernel/unprivileged_userns_clone", '0') && ::getuid() != 0)
        return ": this kernel keeps ordinary users from making namespaces: sysctl kernel.unprivileged_userns_clone=1, "
               "or start "
               "Persais as root";
    if (said.find("nknown option") != std::string::npos) return ": bubblewrap 0.8 or newer is needed";
    if (said.find("max_") != std::string::npos)
        return ": raise sysctl user.max_user_namespaces, or start Persais outside of the sandbox that it is in";
    if (said.find("ermi") == std::string::npos)
        return ""; // "Operation not permitted", "Permission denied", "permissions"
    // Each of these options is needed, and together they are sufficient: tests/image, part `options`.
    return ": plain Docker forbids namespaces: start the container with --security-opt seccomp=deploy/seccomp.json "
           "--security-opt systempaths=unconfined --security-opt apparmor=unconfined, as docker-compose.yml does "
           "(docs/docker.md), or run Persais outside of it";
}

} // namespace

awaitable<choice> try_bubblewrap(bubblewrap_setup setup) {
    auto refused = [](std::string why) { return choice{std::make_unique<refused_backend>(), std::move(why)}; };
    auto candidate = make_bubblewrap(std::move(setup));
    probe_folder folder;
    auto seen = folder.as_view();
    try {
        candidate->hand_over(seen.tree, 0);
        candidate->hand_over(seen.home, 0);
    } catch (const std::system_error& e) { // root without the usual capabilities
        co_return refused(
            std::string("a task cannot have a user of its own (") + e.what() +
            "): give this container CAP_CHOWN, CAP_SETUID and CAP_SETGID, or start Persais as an ordinary user");
    }
    child_spec spec;
    spec.argv = {keeper_inside, "probe", own_namespaces()};
    spec.total = limits::sandbox_probe;
    auto result = co_await run_child(candidate->confine(std::move(spec), seen));
    if (result.ok()) co_return choice{std::move(candidate), {}};
    if (result.how == ended::exited) co_return refused("bubblewrap ran, but " + first_line(result.output));
    auto said = first_line(result.error);
    if (auto more = said.find(". See <"); more != std::string::npos) said.resize(more); // Debian's own hint
    if (said.empty()) said = result.how == ended::timed_out ? "it did not answer in time" : "it gave no reason";
    co_return refused("bubblewrap could not start a program (" + said + ")" + advice(said));
}

awaitable<choice> first_that_works(bubblewrap_setup setup, std::vector<std::string> programs) {
    choice found{std::make_unique<refused_backend>(), "bubblewrap is not installed: install the package bubblewrap"};
    bool tried = false;
    for (const auto& program : programs) {
        std::error_code ec; // /bin may be /usr/bin
        if (::access(program.c_str(), X_OK) != 0 || (tried && std::filesystem::equivalent(program, setup.program, ec)))
            continue;
        setup.program = program;
        auto next = co_await try_bubblewrap(setup);
        if (!tried || next.use->level() != isolation_level::refused) found = std::move(next);
        tried = true;
        if (found.use->level() != isolation_level::refused) break;
    }
    co_return found;
}

awaitable<std::string> why_no_clones(const backend& confine) {
    probe_folder folder;
    auto seen = folder.as_view();
    confine.hand_over(seen.tree, seen.slot);
    confine.hand_over(seen.home, seen.slot);
    std::string why;
    child_spec parent;
    parent.argv = {keeper_inside, "parent"};
    parent.total = limits::sandbox_probe;
    prepared_parent with(confine, std::move(parent), {});
    bool tried = false;
    auto ended = co_await with.live([&](process& itself) -> awaitable<void> {
        child_spec spec;
        spec.argv = {keeper_inside, "probe", own_namespaces()};
        spec.total = limits::sandbox_probe;
        spec.clone = with.offer();
        auto result = co_await run_child(confine.confine(std::move(spec), seen));
        tried = true;
        if (!result.cloned)
            why = "a prepared process could not enter a sandbox " + first_line(result.error);
        else if (!result.ok())
            why = "in a sandbox that a prepared process entered, " + first_line(result.output);
        itself.kill();
    });
    if (!tried) why = "a parent for prepared processes could not be started " + first_line(ended.error);
    co_return why;
}

awaitable<choice> choose(bool unsafe, memory_plan plan, std::optional<memory_hold> only, hidden_files hide,
                         disk_plan disk) {
    if (hide.now)
        if (auto why = why_not_hidden(hide.now(), hide.tools, current_mounts()); !why.empty())
            co_return choice{std::make_unique<refused_backend>(), std::move(why)};
    auto memory = co_await guard_memory(plan, only);
    if (!memory) co_return choice{std::make_unique<refused_backend>(), memory.error()};
    bubblewrap_setup setup{.program = {},
                           .keeper = keeper_path(),
                           .as_root = ::geteuid() == 0,
                           .first_uid = first_task_uid(),
                           .counted_apart = kernel_is_at_least(5, 14),
                           .memory = *memory,
                           .hidden = std::move(hide.now),
                           .disk = disk};
    // The last one is brought by our package, for systems whose own is too old.
    auto brought = std::filesystem::path(keeper_path()).parent_path() / "../lib/persais/bin/bwrap";
    auto found = co_await first_that_works(
        std::move(setup), {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap", brought.lexically_normal()});
    if (found.use->level() == isolation_level::refused && unsafe)
        found.use = std::make_unique<unsafe_backend>(*memory, disk);
    if (found.use->level() == isolation_level::bubblewrap) found.landlock = keeper::landlock_version();
    co_return found;
}

} // namespace persais::sandbox
