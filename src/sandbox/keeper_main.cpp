// The keeper: one small static program between the service and each child, so that no code of the service runs between
// fork and exec, and so that somebody is left to kill the tree when the service dies. It links nothing dynamically: it
// is also the first process inside sandboxes.
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/prepare.hpp"
#include "sandbox/keeper/probe.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/keeper/tree.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
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

/// What outlives the fork must not keep the child's output open, else its end would never be seen.
void let_go_of_standard_streams() {
    for (int fd = 0; fd <= 2; ++fd)
        close(fd);
}

/// The token of a git that pushes is for that git alone; the keeper's own copy would stand in /proc as long as it runs.
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

/// When memory is out, the kernel takes a task's program first; inherited by all that it starts.
void die_before_the_service() {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    [[maybe_unused]] auto wrote = write(fd, "500", 3);
    close(fd);
}

/// Outside: a subreaper in a session of its own, which ends the tree when the program ended or the life pipe says so.
int run(const options& how) {
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    int child_signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t self = getpid();
    pid_t first = fork();
    if (first < 0) could_not_start(errno);
    if (first == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != self) _exit(127);
        setsid();
        if (how.wrapped > 0) {
            die_before_the_service();
            for (int fd = status_fd; fd < payload_fd + how.wrapped; ++fd)
                fcntl(fd, F_SETFD, 0);
        }
        become_the_program(how, environ);
    }
    forget_environment();
    let_go_of_standard_streams();
    for (int fd = payload_fd; fd < payload_fd + how.wrapped; ++fd)
        close(fd);
    tree all(first, child_signals);
    for (bool go_on = true; go_on;) {
        pollfd events[] = {{life_fd, POLLIN, 0}, {child_signals, POLLIN, 0}};
        if (poll(events, 2, -1) < 0 && errno != EINTR) break;
        if (events[0].revents != 0) go_on = false;
        if (events[1].revents != 0) {
            signalfd_siginfo info;
            while (read(child_signals, &info, sizeof info) > 0) {
            }
            all.reap();
            if (all.first_ended()) go_on = false;
        }
    }
    all.end(how.wrapped > 0);
    tell(all.outcome());
    return 0;
}

/// Inside a sandbox: the first process of a pid namespace. When it ends, the kernel kills everything in there.
int enter(const options& how) {
    char** environment = read_environment(payload_fd);
    close(payload_fd);
    if (!environment) could_not_start(ENOMEM);
    tell({said::started, 0});
    pid_t first = fork();
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
    options how;
    if (!parse(argc, argv, how)) {
        static constexpr char text[] = "persais-keeper is started by persais, not by hand\n";
        return write(2, text, sizeof text - 1) > 0 ? 2 : 3;
    }
    prctl(PR_SET_DUMPABLE,
          0); // a program of the same user must not reach into its keeper; exec resets it for the program
    int used = payload_fd + (how.enter ? 1 : how.wrapped);
    close_from(used);
    for (int fd = life_fd; fd < used; ++fd)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return how.enter ? enter(how) : run(how);
}
