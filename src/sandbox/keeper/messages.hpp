#pragma once
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace persais::keeper {

/// One message of a SOCK_SEQPACKET socket, with its descriptors. Those that it holds are closed by the destructor.
struct message {
    static constexpr int most_fds = 16;
    static constexpr size_t most_bytes = 65536;

    message() = default;
    message(const message&) = delete;
    message& operator=(const message&) = delete;
    ~message() {
        for (int i = 0; i < fd_count; ++i)
            if (fds[i] >= 0) close(fds[i]);
    }

    /// The descriptor is the caller's from now on.
    int take(int which) {
        if (which >= fd_count) return -1;
        int fd = fds[which];
        fds[which] = -1;
        return fd;
    }

    size_t bytes = 0;
    int fd_count = 0;
    int fds[most_fds] = {};
    char text[most_bytes];
};

/// Sends `bytes` with copies of `fds`. Returns an errno, or 0.
inline int send_message(int to, const void* bytes, size_t length, const int* fds, int count, int flags = 0) {
    iovec content{const_cast<void*>(bytes), length};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * message::most_fds)] = {};
    auto size = sizeof(int) * static_cast<size_t>(count);
    msghdr all{};
    all.msg_iov = &content;
    all.msg_iovlen = 1;
    if (count > 0) {
        all.msg_control = control;
        all.msg_controllen = CMSG_SPACE(size);
        cmsghdr* header = CMSG_FIRSTHDR(&all);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), fds, size);
    }
    ssize_t sent = 0;
    while ((sent = sendmsg(to, &all, MSG_NOSIGNAL | flags)) < 0 && errno == EINTR) {
    }
    return sent < 0 ? errno : 0;
}

/// Waits for one. False: the other end is closed, or what came is not whole.
inline bool receive_message(int from, message& into) {
    iovec content{into.text, message::most_bytes};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * message::most_fds)];
    msghdr all{};
    all.msg_iov = &content;
    all.msg_iovlen = 1;
    all.msg_control = control;
    all.msg_controllen = sizeof control;
    ssize_t got = 0;
    while ((got = recvmsg(from, &all, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    for (cmsghdr* header = got < 0 ? nullptr : CMSG_FIRSTHDR(&all); header; header = CMSG_NXTHDR(&all, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        into.fd_count = static_cast<int>((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(into.fds, CMSG_DATA(header), sizeof(int) * static_cast<size_t>(into.fd_count));
    }
    into.bytes = got > 0 ? static_cast<size_t>(got) : 0;
    return got > 0 && (all.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

} // namespace persais::keeper
