#include "app/doorbell.hpp"

#include "base/told.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::app {

namespace fs = std::filesystem;
using protocol = asio::local::datagram_protocol;

result<std::unique_ptr<doorbell>> doorbell::hang(const asio::any_io_executor& executor, const fs::path& folder) {
    protocol::socket socket(executor);
    boost::system::error_code ec;
    socket.open(protocol(), ec);
    if (!ec) socket.bind(protocol::endpoint((folder / "door.sock").string()), ec);
    if (ec)
        return fail(told<"The socket {} could not be made: {}.", "Не удалось создать сокет {}: {}.">(
            (folder / "door.sock").string(), ec.message()));
    return std::unique_ptr<doorbell>(new doorbell(std::move(socket)));
}

awaitable<void> doorbell::wait() {
    char byte = 0;
    co_await socket_.async_receive(asio::buffer(&byte, 1), asio::use_awaitable);
    // Several rings count as one.
    while (::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT) >= 0) {
    }
}

int ring(const fs::path& data) {
    int heard = 0;
    int from = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (from < 0) return 0;
    std::error_code ec;
    for (fs::directory_iterator i(data / "gateways", ec), end; !ec && i != end; i.increment(ec)) {
        // The path goes through a descriptor, because a socket's path holds at most 107 bytes.
        int folder = ::open(i->path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) continue;
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        fmt::format_to_n(to.sun_path, sizeof to.sun_path - 1, "/proc/self/fd/{}/door.sock", folder);
        if (::sendto(from, "", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof to) >= 0 || errno == EAGAIN) ++heard;
        ::close(folder);
    }
    ::close(from);
    return heard;
}

} // namespace persais::app
