#pragma once
#include "base/async.hpp"
#include "base/result.hpp"

#include <filesystem>

#include <boost/asio/local/datagram_protocol.hpp>

namespace persais::app {

/// How another `persais` on the same data folder tells a service to read the database. It works where LISTEN does not:
/// behind a transaction pooler, or while the connection is down.
class doorbell {
public:
    /// Opens the socket `folder`/door.sock; the path has to be as short as held_folder's short_path(). An error is one
    /// sentence.
    static result<std::unique_ptr<doorbell>> hang(const asio::any_io_executor& executor,
                                                  const std::filesystem::path& folder);
    /// Returns when somebody has rung since the last call.
    awaitable<void> wait();

private:
    explicit doorbell(asio::local::datagram_protocol::socket socket) : socket_(std::move(socket)) {}
    asio::local::datagram_protocol::socket socket_;
};

/// Rings at every service on this data folder. Returns how many heard it; a service whose socket is full counts too,
/// because it reads the database anyway.
int ring(const std::filesystem::path& data);

} // namespace persais::app
