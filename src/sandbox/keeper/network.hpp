#pragma once
#include "sandbox/keeper/options.hpp"
#include "sandbox/keeper/protocol.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace persais::keeper {

/// The network of one program: a namespace that has nothing but its loopback interface, on which a whole range of
/// addresses is its own. Everything that the program sends arrives at sockets that are made here and given to the
/// service. They are made before the program's user is, so the low ports need no privilege inside.
class own_network {
public:
    /// Enters the namespace; an ordinary user owns a user namespace by now. Returns an errno, or 0.
    static int enter() { return unshare(CLONE_NEWNET) == 0 ? 0 : errno; }

    /// Returns an errno, or 0.
    static int raise_loopback() {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0) return errno;
        ifreq up{};
        std::strcpy(up.ifr_name, "lo");
        up.ifr_flags = IFF_UP | IFF_RUNNING;
        int error = ioctl(fd, SIOCSIFFLAGS, &up) == 0 ? 0 : errno;
        close(fd);
        return error;
    }

    /// Every address of `network`/`mask` is the namespace's own, because it is the loopback's.
    static int bring_up(const char* network, const char* mask) {
        int error = raise_loopback();
        if (error != 0) return error;
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0) return errno;
        error = set(fd, SIOCSIFADDR, network);
        if (error == 0) error = set(fd, SIOCSIFNETMASK, mask);
        close(fd);
        return error;
    }

    /// `listen`: "udp:198.18.0.1:53,tcp:0.0.0.0:443". The sockets go through `to` in this order. Returns an errno, or
    /// 0.
    static int give_sockets(const char* listen, int to) {
        int fds[sockets_most];
        int count = 0, error = 0;
        for (const char* one = listen; error == 0 && *one != '\0';) {
            if (count == sockets_most) return E2BIG;
            error = make_socket(one, fds[count]);
            if (error == 0) ++count;
            const char* comma = std::strchr(one, ',');
            one = comma ? comma + 1 : "";
        }
        if (error == 0 && count > 0) error = give(fds, count, to);
        for (int i = 0; i < count; ++i)
            close(fds[i]);
        return error;
    }

private:
    static int set(int fd, unsigned long what, const char* address) {
        ifreq request{};
        std::strcpy(request.ifr_name, "lo:1");
        sockaddr_in own{};
        own.sin_family = AF_INET;
        if (inet_pton(AF_INET, address, &own.sin_addr) != 1) return EINVAL;
        std::memcpy(&request.ifr_addr, &own, sizeof own);
        return ioctl(fd, what, &request) == 0 ? 0 : errno;
    }

    static int make_socket(const char* described, int& into) {
        char kind[4] = {}, address[16] = {};
        unsigned port = 0;
        sockaddr_in own{};
        own.sin_family = AF_INET;
        if (std::sscanf(described, "%3[a-z]:%15[0-9.]:%u", kind, address, &port) != 3 || port > 65535) return EINVAL;
        if (inet_pton(AF_INET, address, &own.sin_addr) != 1) return EINVAL;
        own.sin_port = htons(static_cast<in_port_t>(port));
        bool stream = std::strcmp(kind, "tcp") == 0;
        int fd = socket(AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) return errno;
        bool ready =
            bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0 && (!stream || ::listen(fd, 128) == 0);
        if (!ready) {
            int error = errno;
            close(fd);
            return error;
        }
        into = fd;
        return 0;
    }

    static int give(const int* fds, int count, int to) {
        char byte = 0;
        iovec content{&byte, 1};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * sockets_most)] = {};
        auto bytes = sizeof(int) * static_cast<size_t>(count);
        msghdr message{};
        message.msg_iov = &content;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(bytes);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(bytes);
        std::memcpy(CMSG_DATA(header), fds, bytes);
        return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : errno;
    }
};

/// In the child of `run`, before the wrapper is started, which then keeps this network. The service's end of the
/// socket is the last descriptor that was given. Returns an errno, or 0.
inline int make_network(const options& how) {
    int to = payload_fd + extra_files(how) - 1;
    int error = own_network::enter();
    if (error == 0) error = own_network::bring_up(how.network_address, how.network_mask);
    if (error == 0) error = own_network::give_sockets(how.listen, to);
    close(to);
    return error;
}

} // namespace persais::keeper
