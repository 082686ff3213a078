#pragma once
#include "sandbox/keeper/clone_protocol.hpp"
#include "sandbox/keeper/messages.hpp"
#include "sandbox/keeper/prepare.hpp"

#include <cerrno>
#include <ctime>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace persais::keeper {

inline constexpr int adoption_ms = 5000; // for the kernel to make the sandbox's first process the parent

/// What a process has become that joined a sandbox.
struct joined {
    options how;
    char** environment = nullptr;
    int status = -1; // close-on-exec
};

/// The part of a process that was forked from a prepared parent: it enters the namespaces of a sandbox, becomes a child
/// of the sandbox's first process, and does what the keeper inside does before it runs a program (prepare.hpp). So
/// all that holds for a program that is started cold holds for it: it is in the keeper's tree, in the same mounts, and
/// under the same walls.
class joiner {
public:
    explicit joiner(int socket) : socket_(socket) {}

    /// Returns only in the process that is the program's, which then has three descriptors, and the status pipe. All
    /// other processes end here.
    void join(joined& into) {
        if (!receive_message(socket_, words_) || !is(clone_word::group) || !wanted()) _exit(1);
        join_groups();
        static message place;
        if (!receive_message(socket_, place) || !wanted()) _exit(1);
        if (int error = read(place, into)) give_up(error);
        if (int error = enter(place)) give_up(error);
        fork_into_it();
        if (int error = begin(place, into)) give_up(error);
        answer({0, getpid()});
        char go_on = 0;
        if (recv(socket_, &go_on, 1, 0) != 1) _exit(1);
        close(socket_);
    }

private:
    /// The keeper may have lost its patience, and have started the program in another way; what it had said before can
    /// still be read then.
    bool wanted() const {
        pollfd end{socket_, POLLRDHUP, 0};
        return poll(&end, 1, 0) == 0;
    }

    bool is(clone_word expected) const {
        clone_word what{};
        if (words_.bytes < sizeof what) return false;
        std::memcpy(&what, words_.text, sizeof what);
        return what == expected;
    }

    void answer(clone_answer with) const { send_message(socket_, &with, sizeof with, nullptr, 0); }

    [[noreturn]] void give_up(int error) const {
        answer({error, 0});
        _exit(1);
    }

    /// First of all, so that what this process uses is counted as the program's.
    void join_groups() {
        for (int i = 0; i < words_.fd_count; ++i)
            if (write(words_.fds[i], "0", 1) != 1) give_up(errno);
    }

    static int read(message& place, joined& into) {
        place_header header;
        if (place.bytes < sizeof header || place.fd_count < place_spaces + 5) return EPROTO;
        std::memcpy(&header, place.text, sizeof header);
        if (header.what != clone_word::place) return EPROTO;
        if (header.build != clone_build) return other_build;
        if (header.arguments > 256 || header.variables > 1024) return EPROTO;
        auto** words = static_cast<char**>(std::calloc(header.arguments + header.variables + 2, sizeof(char*)));
        if (!words) return ENOMEM;
        char* next = place.text + sizeof header;
        const char* end = place.text + place.bytes;
        for (unsigned i = 0, at = 0; i < header.arguments + header.variables; ++i, ++at) {
            auto* stop =
                next < end ? static_cast<char*>(std::memchr(next, 0, static_cast<size_t>(end - next))) : nullptr;
            if (!stop) return EPROTO;
            if (i == header.arguments) ++at; // the null behind the arguments
            words[at] = next;
            next = stop + 1;
        }
        into.environment = words + header.arguments + 1;
        return parse(static_cast<int>(header.arguments), words, into.how) && into.how.enter ? 0 : EPROTO;
    }

    static int set(int space) { return setns(space, 0) == 0 ? 0 : errno; }

    /// The owner of a user namespace has all rights in it, which nobody else has who is no root; they end in begin().
    static int enter(message& place) {
        place_header header;
        std::memcpy(&header, place.text, sizeof header);
        int users = place.fds[place_users];
        int owner = header.nested ? ioctl(users, NS_GET_PARENT) : users;
        if (owner < 0) return errno;
        if (int error = set(owner)) return error;
        for (int i = place_spaces; i < place.fd_count; ++i)
            if (int error = set(place.fds[i])) return error;
        return header.nested ? set(users) : 0;
    }

    /// A process cannot enter a process id namespace, only its children can; and only a process whose parent died in
    /// there becomes a child of the first process in there.
    void fork_into_it() const {
        pid_t between = fork();
        if (between < 0) give_up(errno);
        if (between > 0) {
            close(socket_); // an end of file tells the keeper that nothing will come of it
            while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
            }
            _exit(0);
        }
        pid_t last = fork();
        if (last < 0) give_up(errno);
        if (last > 0) _exit(0);
        for (int waited = 0; getppid() != 1; ++waited) {
            if (waited > 10 * adoption_ms) give_up(ETIMEDOUT);
            timespec moment{0, 100'000};
            nanosleep(&moment, nullptr);
        }
    }

    int begin(message& place, joined& into) {
        // Above all that is to be kept, so that none of it is overwritten.
        constexpr int above = 64;
        int streams[4];
        for (int i = 0; i < 4; ++i)
            if ((streams[i] = fcntl(place.fds[i], F_DUPFD_CLOEXEC, above)) < 0) return errno;
        int socket = fcntl(socket_, F_DUPFD_CLOEXEC, above);
        if (socket < 0) return errno;
        for (int i = 0; i < 3; ++i)
            if (dup2(streams[i], i) < 0) return errno;
        into.status = 3;
        socket_ = 4;
        if (dup3(streams[3], into.status, O_CLOEXEC) < 0 || dup3(socket, socket_, O_CLOEXEC) < 0) return errno;
        close_from(socket_ + 1);
        place.fd_count = words_.fd_count = 0; // they are closed
        die_before_the_service();
        if (int error = prepare(into.how)) return error;
        // As exec would: what watches over it from outside has to read about it.
        return prctl(PR_SET_DUMPABLE, 1) == 0 ? 0 : errno;
    }

    int socket_;
    message words_;
};

} // namespace persais::keeper
