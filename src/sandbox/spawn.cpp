#include "sandbox/spawn.hpp"

#include "base/descriptors.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory_guard.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace persais::sandbox {
namespace {

// This is above every descriptor number that the keeper expects, so that no dup2 of the spawn overwrites a later
// source.
constexpr int first_fd = 64;

[[noreturn]] void refuse(const char* what, int error = errno) {
    throw std::system_error(error, std::generic_category(), what);
}

owned_fd lifted(int fd) {
    owned_fd low(fd);
    if (fd < 0) refuse("no descriptor for a child");
    if (fd >= first_fd) return low;
    owned_fd high(::fcntl(fd, F_DUPFD_CLOEXEC, first_fd));
    if (!high) refuse("no descriptor for a child");
    return high;
}

owned_fd copy_of(const owned_fd& other) {
    return lifted(::fcntl(other.get(), F_DUPFD_CLOEXEC, first_fd));
}

struct pipe_ends {
    owned_fd read, write;
};

pipe_ends make_pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) refuse("no pipe for a child");
    owned_fd write(fds[1]);
    pipe_ends ends{.read = lifted(fds[0]), .write = {}};
    ends.write = lifted(write.release());
    return ends;
}

pipe_ends make_socket_pair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) refuse("no socket for a child");
    owned_fd write(fds[1]);
    pipe_ends ends{.read = lifted(fds[0]), .write = {}};
    ends.write = lifted(write.release());
    return ends;
}

owned_fd ours(owned_fd end) {
    if (::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK) < 0) refuse("no pipe for a child");
    return end;
}

owned_fd memory_file(const char* name, std::string_view bytes) {
    owned_fd file = lifted(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    while (!bytes.empty()) {
        ssize_t wrote = ::write(file.get(), bytes.data(), bytes.size());
        if (wrote < 0) refuse("no memory for a child's environment");
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (::lseek(file.get(), 0, SEEK_SET) != 0) refuse("no memory for a child's environment");
    return file;
}

/// The mode is 0600 because ssh refuses a key that others may read; the file is sealed because nothing may change it
/// any more.
owned_fd secret_file(const secret& bytes) {
    auto file = memory_file("persais-secret", bytes.reveal());
    if (::fchmod(file.get(), 0600) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        refuse("no memory for a child's secret");
    return file;
}

void add_memory(std::vector<std::string>& line, const memory_guard& guard) {
    line.insert(line.end(), {"--memory", std::to_string(guard.state.task_bytes)});
    if (!guard.groups) return;
    line.insert(line.end(), {"--memory-group", guard.groups->memory(), "--group-processes",
                             std::to_string(limits::sandbox_processes)});
    if (!guard.groups->pids().empty()) line.insert(line.end(), {"--pids-group", guard.groups->pids()});
}

void add_disk(std::vector<std::string>& line, const child_spec& spec) {
    if (spec.disk_folders.empty()) return;
    line.insert(line.end(), {"--disk", std::to_string(spec.disk.bytes), "--disk-files", std::to_string(spec.disk.files),
                             "--disk-reserve", std::to_string(spec.disk.reserve_bytes)});
    for (const auto& folder : spec.disk_folders)
        line.insert(line.end(), {"--disk-folder", folder});
}

void add_layers(std::vector<std::string>& line, const child_spec& spec) {
    for (const auto& folder : spec.layered) {
        line.insert(line.end(), {"--layered", folder.at, "--upper", folder.upper});
        for (const auto& [below, lent] : folder.lower)
            line.insert(line.end(), {lent ? "--lent" : "--lower", below});
    }
    if (!spec.layered.empty()) line.insert(line.end(), {"--layers-uid", std::to_string(spec.layers_uid)});
}

std::vector<std::string> keeper_arguments(const child_spec& spec) {
    std::vector<std::string> line{"persais-keeper", "run", "--folder", spec.folder};
    if (!spec.sealed.empty()) {
        line.emplace_back("--wrapped");
        line.push_back(std::to_string(spec.sealed.size()));
    }
    if (spec.clone) line.insert(line.end(), {"--prepared", spec.clone_in_same_users ? "1" : "2"});
    if (!spec.secret_files.empty()) line.insert(line.end(), {"--files", std::to_string(spec.secret_files.size())});
    if (spec.memory) add_memory(line, *spec.memory);
    add_disk(line, spec);
    add_layers(line, spec);
    if (spec.network)
        line.insert(line.end(), {"--listen", spec.network->listen, "--network-address", spec.network->address,
                                 "--network-mask", spec.network->mask});
    line.insert(line.end(), {"--open-files-soft", std::to_string(descriptors_at_start())});
    for (auto& word : limit_arguments(spec.limits))
        line.push_back(std::move(word));
    line.emplace_back("--");
    line.insert(line.end(), spec.argv.begin(), spec.argv.end());
    return line;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (auto& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

/// The two structs of posix_spawn, with their destructors.
struct spawn_plan {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    spawn_plan() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        sigset_t set;
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attributes, &set);
        sigfillset(&set);
        posix_spawnattr_setsigdefault(&attributes, &set);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~spawn_plan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    spawn_plan(const spawn_plan&) = delete;
    spawn_plan& operator=(const spawn_plan&) = delete;
    void place(const owned_fd& from, int to) { posix_spawn_file_actions_adddup2(&actions, from.get(), to); }
};

} // namespace

std::string keeper_path() {
    if (const char* folder = std::getenv("PERSAIS_BIN"); folder && *folder)
        return std::filesystem::absolute(folder) / "persais-keeper";
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "persais-keeper";
}

std::vector<std::string> limit_arguments(const rlimits& limits) {
    std::vector<std::string> words;
    auto add = [&](const char* name, std::uint64_t value) {
        if (value == 0) return;
        words.emplace_back(name);
        words.push_back(std::to_string(value));
    };
    add("--address-space", limits.address_space_bytes);
    add("--file-size", limits.file_bytes);
    add("--open-files", limits.open_files);
    add("--processes", limits.processes);
    return words;
}

keeper_process spawn_keeper(const child_spec& spec, standard_input kind) {
    keeper_process started;
    pipe_ends input;
    if (spec.input_socket)
        input.read = copy_of(*spec.input_socket);
    else if (kind == standard_input::none)
        input.read = lifted(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    else
        input = make_pipe();
    pipe_ends output = make_pipe();
    pipe_ends error = make_pipe();
    pipe_ends life = make_pipe();
    pipe_ends status = make_pipe();
    if (keeper::payload_fd + spec.sealed.size() + spec.secret_files.size() + 3 > first_fd)
        throw std::invalid_argument("too many sealed files for a child");
    std::vector<owned_fd> payload;
    for (const auto& bytes : spec.sealed)
        payload.push_back(memory_file("persais", bytes));
    for (const auto& bytes : spec.secret_files)
        payload.push_back(secret_file(bytes));
    if (spec.clone) payload.push_back(copy_of(spec.clone->socket));
    if (spec.clone && !spec.clone_in_same_users) payload.push_back(copy_of(*spec.clone->process));
    pipe_ends network;
    if (spec.network) network = make_socket_pair();

    spawn_plan plan;
    plan.place(input.read, 0);
    plan.place(output.write, 1);
    plan.place(error.write, 2);
    plan.place(life.read, keeper::life_fd);
    plan.place(status.write, keeper::status_fd);
    int next = keeper::payload_fd;
    for (const auto& file : payload)
        plan.place(file, next++);
    if (spec.network) plan.place(network.write, next++);
    posix_spawn_file_actions_addclosefrom_np(&plan.actions, next);

    std::string keeper = keeper_path();
    auto arguments = keeper_arguments(spec);
    auto environment = spec.environment;
    for (const auto& [name, value] : spec.secret_environment)
        environment.push_back(name + "=" + value.reveal());
    auto argv = pointers(arguments);
    auto envp = pointers(environment);
    int failed = ::posix_spawn(&started.pid, keeper.c_str(), &plan.actions, &plan.attributes, argv.data(), envp.data());
    if (failed != 0) refuse(("cannot start " + keeper).c_str(), failed);
    if (spec.clone) spec.clone->socket = owned_fd(); // the keeper's end is the clone's end

    started.life = ours(std::move(life.write));
    started.status = ours(std::move(status.read));
    started.output = ours(std::move(output.read));
    started.error = ours(std::move(error.read));
    if (spec.network) started.network = ours(std::move(network.read));
    if (input.write) started.input = ours(std::move(input.write));
    // If this throws, the life pipe is closed and the keeper ends by itself; only its zombie remains.
    started.pidfd = lifted(static_cast<int>(::syscall(SYS_pidfd_open, started.pid, 0)));
    return started;
}

ssize_t write_quietly(int fd, std::string_view bytes) {
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    int error = errno;
    if (wrote < 0 && error == EPIPE && !was_pending) {
        timespec now{};
        while (sigtimedwait(&pipe_signal, nullptr, &now) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return wrote;
}

} // namespace persais::sandbox
