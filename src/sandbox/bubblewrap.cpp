#include "sandbox/bubblewrap.hpp"

#include "sandbox/folders.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory_guard.hpp"
#include "sandbox/spawn.hpp"

#include <stdexcept>

namespace persais::sandbox {
namespace {

constexpr uid_t user_inside = 1000; // when the user namespace maps users; else the task's own uid

class bubblewrap final : public backend {
public:
    explicit bubblewrap(bubblewrap_setup setup) : setup_(std::move(setup)) {}

    isolation_level level() const override { return isolation_level::bubblewrap; }

    child_spec confine(child_spec spec, const view& what) const override {
        refuse_secrets(spec);
        auto uid = setup_.as_root ? setup_.first_uid + what.slot : user_inside;
        command_line line(setup_.program, never_seen(what));
        // The prepared parent can enter only what it owns, which the keeper inside has to make when we are root.
        bool own_users = spec.clone && setup_.as_root;
        add_namespaces(line, spec.network != nullptr);
        if (own_users) line.add({"--cap-add", "CAP_SYS_ADMIN"});
        add_system(line, task_bytes(), own_users ? processes::covered : processes::own);
        auto id = std::to_string(uid);
        add_names(line, id);
        if (spec.network) line.file("/etc/resolv.conf", "nameserver " + spec.network->address + "\n");
        for (const auto& tool : what.tools)
            line.show(tool, tool);
        line.place({what.read_only_tree ? "--ro-bind" : "--bind", what.tree}, tree_inside);
        line.place({"--bind", what.home}, home_inside);
        if (!what.gateway.empty())
            line.place({"--ro-bind", what.gateway}, gateway_inside); // its mode decides who may connect
        if (!what.history.empty()) line.place({"--ro-bind", what.history}, history_inside);
        if (!what.tags.empty()) line.place({"--ro-bind", what.tags}, tags_inside);
        line.place({"--ro-bind", setup_.keeper}, keeper_inside);
        line.close();
        line.add({"--chdir", "/"});

        hold_to(spec, setup_.disk, what);
        put_layers(spec, what);
        spec.layers_uid = uid;
        line.add({keeper_inside, "enter", "--folder", spec.folder});
        for (const char* folder : {home_inside, "/tmp", "/dev/shm"})
            line.add({"--writable", folder});
        if (!what.read_only_tree) line.add({"--writable", tree_inside});
        if (spec.clone) line.add({"--prepared", std::to_string(keeper::payload_fd + line.sealed_files())});
        if (own_users) line.add({"--owner", std::to_string(parent_uid())});
        spec.clone_in_same_users = setup_.as_root;
        if (setup_.as_root) {
            line.add({"--uid", id, "--gid", id});
            // Processes are counted by uid, so only a uid that belongs to the task can have a ceiling that does not
            // affect others.
            if (spec.limits.processes == 0) spec.limits.processes = limits::sandbox_processes;
        } else {
            spec.limits.processes = setup_.counted_apart ? limits::sandbox_processes : 0;
        }
        wrap(line, spec);
        return spec;
    }

    /// Without a process id namespace: it could not enter one that is none of its own.
    std::optional<child_spec> confine_parent(child_spec spec,
                                             const std::vector<std::filesystem::path>& tools) const override {
        refuse_secrets(spec);
        auto id = std::to_string(setup_.as_root ? parent_uid() : user_inside);
        command_line line(setup_.program, never_seen({}));
        line.add({"--unshare-ipc", "--unshare-uts", "--unshare-net", "--hostname", "persais", "--die-with-parent",
                  "--new-session", "--cap-drop", "ALL"});
        add_users(line);
        add_system(line, task_bytes(), processes::none);
        add_names(line, id);
        for (const auto& tool : tools)
            line.show(tool, tool);
        line.place({"--ro-bind", setup_.keeper}, keeper_inside);
        if (auto library = clone_library(); exists(library)) line.place({"--ro-bind", library}, clone_library_inside);
        line.close();
        line.add({"--chdir", "/", keeper_inside, "enter", "--folder", spec.folder, "--parent", "1"});
        if (setup_.as_root) line.add({"--uid", id, "--gid", id});
        wrap(line, spec);
        // Without a group its memory would be looked at all the time, also when nothing is done for hours.
        if (spec.memory && !spec.memory->groups) spec.memory = nullptr;
        return spec;
    }

    std::vector<std::filesystem::path> parent_parts() const override { return {setup_.keeper, clone_library()}; }

    void hand_over(const std::filesystem::path& folder, unsigned slot) const override {
        if (setup_.as_root) give_to(folder, setup_.first_uid + slot, setup_.first_uid + slot);
    }

    awaitable<void> hand_over_beside(std::filesystem::path folder, unsigned slot) const override {
        if (setup_.as_root) co_await give_beside(folder, setup_.first_uid + slot, setup_.first_uid + slot);
    }

    memory_state memory() const override { return setup_.memory ? setup_.memory->state : memory_state{}; }

    std::string inside(const view& what, const std::filesystem::path& host) const override {
        return path_inside(what, host);
    }

private:
    /// Of the prepared parent, which is no task.
    uid_t parent_uid() const { return setup_.first_uid + limits::sandbox_slots; }

    std::filesystem::path clone_library() const {
        return std::filesystem::path(setup_.keeper).parent_path() / "persais-clone.so";
    }

    std::uint64_t task_bytes() const { return setup_.memory ? setup_.memory->state.task_bytes : 0; }

    static void add_names(command_line& line, const std::string& id) {
        line.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nagent:x:" + id + ":" + id +
                                     "::/home/agent:/bin/sh\n"
                                     "nobody:x:65534:65534::/nonexistent:/bin/false\n");
        line.file("/etc/group", "root:x:0:\nagent:x:" + id + ":\nnogroup:x:65534:\n");
        line.file("/etc/hosts", "127.0.0.1 localhost persais\n::1 localhost\n");
    }

    /// Ends the command line with the program, and makes it that of the spec.
    void wrap(command_line& line, child_spec& spec) const {
        for (auto& word : limit_arguments(spec.limits))
            line.add({std::move(word)});
        line.add({"--"});
        for (auto& word : spec.argv)
            line.add({std::move(word)});
        spec.argv = line.take();
        spec.sealed = line.take_sealed();
        spec.sealed.front() = sealed_environment(spec.environment);
        spec.environment.clear(); // bwrap --clearenv would show its own environment in /proc/1/environ inside
        spec.folder = "/";
        spec.limits = {};
        spec.memory = setup_.memory;
    }

    void add_namespaces(command_line& line, bool has_network) const {
        line.add({"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "persais",
                  "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"});
        if (!has_network) line.add({"--unshare-net"}); // else the keeper has made it before
        add_users(line);
        if (!setup_.as_root) line.add({"--disable-userns"});
    }

    void add_users(command_line& line) const {
        if (setup_.as_root) // for the keeper, which changes to the task's uid and then keeps none of them
            line.add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
        else
            line.add({"--unshare-user", "--uid", std::to_string(user_inside), "--gid", std::to_string(user_inside)});
    }

    /// What is hidden, and the task's own folders, which it has at other paths.
    std::vector<sight> never_seen(const view& what) const {
        auto paths = setup_.hidden ? setup_.hidden() : std::vector<std::filesystem::path>();
        for (const auto& own : {what.tree, what.home, what.gateway, what.history, what.tags, what.tree_layers.upper,
                                what.home_layers.upper})
            if (!own.empty()) paths.push_back(own);
        for (const auto* made : {&what.tree_layers, &what.home_layers})
            for (const auto& below : made->lower)
                paths.push_back(below.folder);
        return sights_of(paths, current_mounts());
    }

    static std::string sealed_environment(const std::vector<std::string>& environment) {
        std::string bytes;
        for (const auto& entry : environment)
            bytes.append(entry).push_back('\0');
        return bytes;
    }

    bubblewrap_setup setup_;
};

} // namespace

std::unique_ptr<backend> make_bubblewrap(bubblewrap_setup setup) {
    return std::make_unique<bubblewrap>(std::move(setup));
}

void refuse_secrets(const child_spec& spec) {
    if (!spec.secret_environment.empty() || !spec.secret_files.empty())
        throw std::logic_error("a confined program was to be given a secret");
}

void hold_to(child_spec& spec, const disk_plan& disk, const view& what) {
    spec.disk = disk;
    spec.disk.bytes *= what.disk_shares;
    spec.disk.files *= what.disk_shares;
    spec.disk_limits_file = spec.limits.file_bytes == 0;
    if (spec.disk_limits_file) spec.limits.file_bytes = spec.disk.bytes;
    spec.disk_folders = {what.home_layers ? what.home_layers.upper : what.home};
    if (!what.read_only_tree) spec.disk_folders.push_back(what.tree_layers ? what.tree_layers.upper : what.tree);
}

void put_layers(child_spec& spec, const view& what) {
    auto put = [&](const std::filesystem::path& at, const layers& made) {
        if (!made) return;
        layered_folder folder{.at = at, .upper = made.upper, .lower = {}};
        for (const auto& below : made.lower)
            folder.lower.emplace_back(below.folder, below.lent);
        spec.layered.push_back(std::move(folder));
    };
    put(what.tree, what.tree_layers);
    put(what.home, what.home_layers);
}

} // namespace persais::sandbox
