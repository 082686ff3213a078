#pragma once
#include "sandbox/keeper/clone_protocol.hpp"
#include "sandbox/keeper/join.hpp"
#include "sandbox/keeper/messages.hpp"
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/settle.hpp"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>

namespace persais::keeper {

inline constexpr int clone_answer_ms = 10'000; // then the program is started cold

/// In the child of `run`: says in which control groups the clone has to be, and enters the user namespace that the
/// prepared parent is in, because only from there it owns what is made below. When this fails, nobody asks the parent
/// any further, and the program is started cold. `groups`: descriptors of cgroup.procs. Returns whether it is in
/// another user namespace now, in which it may make namespaces of the other kinds.
inline bool introduce_clone(const options& how, const int* groups, int count) {
    int socket = payload_fd + how.wrapped, parent = socket + 1;
    auto what = clone_word::group;
    bool wanted = how.prepared > 1, entered = wanted && setns(parent, CLONE_NEWUSER) == 0;
    if (entered != wanted || send_message(socket, &what, sizeof what, groups, count) != 0) shutdown(socket, SHUT_RDWR);
    return entered;
}

/// In the first process of a sandbox: has a process of the prepared parent become the program. Returns its id here; the
/// negative of an errno: there is none, and the program has to be started cold.
class clone_request {
public:
    static pid_t send(const options& how, int socket, char** argv, int argc, char** environment) {
        int fds[message::most_fds] = {0, 1, 2, status_fd};
        int count = place_users;
        if ((fds[count++] = space("user")) < 0) return -errno;
        for (const char* kind : place_kinds) {
            int fd = space(kind);
            if (fd >= 0) fds[count++] = fd;
        }
        static char text[message::most_bytes];
        size_t length = words(text, how.owner == 0, argv, argc, environment);
        int error = length == 0 ? E2BIG : send_message(socket, text, length, fds, count);
        for (int i = place_users; i < count; ++i)
            close(fds[i]);
        return error != 0 ? -error : answer(socket);
    }

private:
    static pid_t answer(int socket) {
        pollfd answered{socket, POLLIN, 0};
        if (poll(&answered, 1, clone_answer_ms) != 1) return -ETIMEDOUT;
        clone_answer said{};
        if (recv(socket, &said, sizeof said, 0) != sizeof said) return -EPIPE;
        if (said.error > 0 || said.pid <= 0) return said.error > 0 ? -said.error : -EPROTO;
        char go_on = 0;
        return ::send(socket, &go_on, 1, MSG_NOSIGNAL) == 1 ? said.pid : -EPIPE;
    }

    static int space(const char* kind) {
        char path[32];
        std::snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
        return open(path, O_RDONLY | O_CLOEXEC);
    }

    /// Returns the length; 0: there is not enough room.
    static size_t words(char* text, bool nested, char** argv, int argc, char** environment) {
        place_header header;
        header.nested = nested ? 1 : 0;
        header.arguments = static_cast<std::uint32_t>(argc);
        size_t length = sizeof header;
        auto add = [&](const char* word) {
            size_t size = std::strlen(word) + 1;
            if (length + size > message::most_bytes) return false;
            std::memcpy(text + length, word, size);
            length += size;
            return true;
        };
        for (int i = 0; i < argc; ++i)
            if (!add(argv[i])) return 0;
        for (char** entry = environment; *entry; ++entry, ++header.variables)
            if (!add(*entry)) return 0;
        std::memcpy(text, &header, sizeof header);
        return length;
    }
};

/// `persais-keeper parent`: a prepared parent that has nothing prepared. Its clones run the program that they were
/// asked for, so that tests and the probe of a machine need no agent. Requests come through standard input.
inline int parent() {
    int self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
    if (self < 0 || settle() != 0 || send_message(0, "ready", 5, &self, 1) != 0) return 1;
    close(self);
    signal(SIGCHLD, SIG_IGN); // nobody waits for them
    for (;;) {
        static message request;
        request.fd_count = 0;
        if (!receive_message(0, request)) return 0;
        int socket = request.take(0);
        pid_t clone = fork();
        if (clone == 0) {
            close(0);
            static joined made;
            joiner(socket).join(made);
            execve(made.how.argv[0], made.how.argv, made.environment);
            record why{said::could_not_start, errno};
            _exit(write(made.status, &why, sizeof why) > 0 ? 127 : 126);
        }
        close(socket);
    }
}

} // namespace persais::keeper
