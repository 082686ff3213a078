// The keeper: one small static program between the service and each child, so that no code of the service runs between
// fork and exec, and so that a process is left to kill the tree when the service dies. It is statically linked, because
// it is also the first process inside sandboxes.
#include "sandbox/keeper/clone.hpp"
#include "sandbox/keeper/disk.hpp"
#include "sandbox/keeper/give.hpp"
#include "sandbox/keeper/group.hpp"
#include "sandbox/keeper/layers.hpp"
#include "sandbox/keeper/network.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/own_users.hpp"
#include "sandbox/keeper/prepare.hpp"
#include "sandbox/keeper/probe.hpp"
#include "sandbox/keeper/probe_group.hpp"
#include "sandbox/keeper/probe_layers.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/keeper/task_users.hpp"
#include "sandbox/keeper/tree.hpp"
#include "sandbox/keeper/watch.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace persais::keeper;

namespace {

void tell(record what) {
    while (write(status_fd, &what, sizeof what) < 0 && errno == EINTR) {
    }
}

[[noreturn]] void could_not_start(int error) {
    tell({said::could_not_start, error});
    _exit(127);
}

/// The keeper closes the child's output, because otherwise the end of that output would never be seen.
void let_go_of_standard_streams() {
    for (int fd = 0; fd <= 2; ++fd)
        close(fd);
}

/// The token of a git that pushes is for that git alone, and the keeper's own copy would be readable in /proc as long
/// as it runs.
void forget_environment() {
    for (char** entry = environ; *entry; ++entry)
        explicit_bzero(*entry, std::strlen(*entry));
}

[[noreturn]] void become_the_program(const options& how, char** environment) {
    int error = prepare(how);
    if (error != 0) could_not_start(error);
    execve(how.argv[0], how.argv, environment);
    could_not_start(errno);
}

/// What the program gets before its wrapper is started. `may`: this process has the right to without a user namespace
/// of its own. Returns an errno, or 0.
int make_namespaces(const options& how, bool may, dev_t* devices) {
    int error = may ? 0 : own_users();
    if (error == 0 && how.layereds > 0) error = layers::make(how, devices);
    if (error == 0 && how.listen) error = make_network(how);
    return error;
}

/// The child process of `run`, after the fork.
[[noreturn]] void begin(const options& how, const tree_group& own, dev_t* devices, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    setsid();
    if (how.memory > 0) die_before_the_service();
    if (own.made())
        if (int error = own.join()) could_not_start(error);
    // What is mounted below belongs to the user namespace that this is in, so a clone's comes first.
    int passed = how.wrapped + how.files + (how.prepared > 0 ? 1 : 0);
    bool entered = false;
    if (how.prepared > 0) {
        int doors[2];
        int count = own.open_doors(doors);
        if (count >= 0) entered = introduce_clone(how, doors, count);
    }
    if (how.listen || how.layereds > 0)
        if (int error = make_namespaces(how, entered, devices)) could_not_start(error);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a user namespace may have taken it back
    if (getppid() != parent) _exit(127);
    for (int fd = how.wrapped > 0 ? status_fd : payload_fd; fd < payload_fd + passed; ++fd)
        fcntl(fd, F_SETFD, 0);
    become_the_program(how, environ);
}

/// The number of processes that the kernel killed because memory was out, on the whole machine.
unsigned long long machine_kills() {
    small_file<16384> counts;
    return counts.read("/proc/vmstat") ? counts.after("oom_kill") : 0;
}

/// Why a tree has to be ended before its time.
struct too_much {
    bool memory = false;
    disk_excess disk = disk_excess::nothing;
    explicit operator bool() const { return memory || disk != disk_excess::nothing; }
};

/// Of two waits in milliseconds, -1: for ever.
int sooner(int a, int b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/// Waits until the program ended, the life pipe says so, or the tree took too much.
too_much stand_by(tree& all, watch* look, disk_watch& disk, tree_group& own, int child_signals) {
    bool on_disk = disk.watching();
    for (;;) {
        pollfd events[] = {{life_fd, POLLIN, 0},
                           {child_signals, POLLIN, 0},
                           {own.events(), POLLIN, 0},
                           {look ? look->descriptor() : -1, POLLIN, 0},
                           {disk.descriptor(), POLLIN, 0}};
        int wait = sooner(look ? look->due_in() : own.due_in(), on_disk ? disk.due_in() : -1);
        if (poll(events, 5, wait) < 0 && errno != EINTR) return {};
        if (events[0].revents != 0) return {};
        if (events[1].revents != 0) {
            signalfd_siginfo info;
            while (read(child_signals, &info, sizeof info) > 0) {
            }
            all.reap();
            if (all.first_ended()) return {};
        }
        if (events[2].revents != 0) own.take_event();
        if (own.was_hit_lately() || (look && look->over())) return {.memory = true};
        if (on_disk)
            if (auto passed = disk.over(); passed != disk_excess::nothing) return {.disk = passed};
    }
}

/// Where the child says on which devices its layers are; null: there is no memory.
dev_t* shared_devices() {
    void* page = mmap(nullptr, most_layered * sizeof(dev_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? nullptr : static_cast<dev_t*>(page);
}

/// Outside: a subreaper in its own session, which ends the tree when the program ended, when the life pipe says so, or
/// when the tree exceeds its limit of memory or disk.
int run(const options& how) {
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    int child_signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    static tree_group own;
    if (how.memory > 0) own.make(how.memory_group, how.pids_group, how.memory, how.group_processes);
    bool watched = how.memory > 0 && !own.made();
    auto kills_before = watched ? machine_kills() : 0;
    dev_t* devices = how.layereds > 0 ? shared_devices() : nullptr;
    if (how.layereds > 0 && !devices) could_not_start(ENOMEM);
    auto watched_disk = how.disk;
    watched_disk.layered = devices;
    pid_t self = getpid();
    pid_t first = fork();
    if (first < 0) {
        int error = errno;
        own.remove();
        could_not_start(error);
    }
    if (first == 0) begin(how, own, devices, self);
    forget_environment();
    let_go_of_standard_streams();
    for (int fd = payload_fd; fd < payload_fd + extra_files(how); ++fd)
        close(fd);
    tree all(first, child_signals, own.made() ? &own : nullptr);
    static watch look(how.memory, how.wrapped > 0, child_signals);
    static disk_watch disk(watched_disk, how.wrapped > 0);
    auto took = stand_by(all, watched ? &look : nullptr, disk, own, child_signals);
    if (took)
        all.end_now();
    else
        all.end(how.wrapped > 0);
    if (!took && disk.watching()) took.disk = disk.at_the_end();
    if (took.disk != disk_excess::nothing) tell({said::out_of_disk, static_cast<int>(took.disk)});
    if (took.memory || (own.made() && own.hit())) tell({said::out_of_memory, 0});
    if (watched && machine_kills() > kills_before) tell({said::machine_out_of_memory, 0});
    own.remove();
    tell(all.outcome());
    return 0;
}

/// Inside a sandbox: the first process of a pid namespace. When it ends, the kernel kills everything in the namespace.
int enter(const options& how, int argc, char** argv) {
    char** environment = read_environment(payload_fd);
    close(payload_fd);
    if (!environment) could_not_start(ENOMEM);
    if (how.owner != 0)
        if (int error = task_users::make(how.owner, how.uid)) could_not_start(error);
    pid_t first = how.prepared > 0 ? clone_request::send(how, payload_fd + 1, argv, argc, environment) : 0;
    if (how.prepared > 0) {
        shutdown(payload_fd + 1, SHUT_RDWR); // others may have it, and a clone that comes late has to see the end
        close(payload_fd + 1);
    }
    tell({first > 0 ? said::cloned : said::started, first < 0 ? -first : 0});
    if (first <= 0) first = fork();
    if (first < 0) could_not_start(errno);
    if (first == 0) become_the_program(how, environment);
    drop_capabilities();
    let_go_of_standard_streams();
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR) return 1;
        if (pid != first) continue;
        if (WIFEXITED(status))
            tell({said::exited, WEXITSTATUS(status)});
        else
            tell({said::signalled, WTERMSIG(status)});
        return 0;
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "probe") == 0) return probe(argv[2]);
    if (argc == 2 && std::strcmp(argv[1], "parent") == 0) return parent();
    if (argc == 2 && std::strcmp(argv[1], "probe-layers") == 0) return probe_layers();
    if (argc == 5 && std::strcmp(argv[1], "probe-group") == 0) return probe_group(argv[2], argv[3], argv[4]);
    if (argc == 3 && std::strcmp(argv[1], "measure") == 0) return measure(argv[2]);
    if (argc == 5 && std::strcmp(argv[1], "give") == 0) return give(argv[2], argv[3], argv[4]);
    options how;
    if (!parse(argc, argv, how)) {
        static constexpr char text[] = "persais-keeper is started by persais, not by hand\n";
        return write(2, text, sizeof text - 1) > 0 ? 2 : 3;
    }
    prctl(PR_SET_DUMPABLE,
          0); // a program of the same user must not reach into its keeper; exec resets it for the program
    // The files between belonged to the wrapper.
    if (how.enter && how.prepared > 0 && dup2(how.prepared, payload_fd + 1) < 0) how.prepared = 0;
    int used = payload_fd + (how.enter ? (how.prepared > 0 ? 2 : 1) : extra_files(how));
    close_from(used);
    for (int fd = life_fd; fd < used; ++fd)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return how.enter ? enter(how, argc, argv) : run(how);
}
