#pragma once
#include "base/async.hpp"
#include "base/secret.hpp"
#include "store/limits.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::store {

struct listener_options {
    secret url;                           // as direct_url() gives it
    std::vector<std::string> channels;    // any text; they are quoted here
    std::string ca_file;                  // SSL_CERT_FILE; empty: the system's
    std::string setting = "DATABASE_URL"; // how error sentences refer to the address
    std::optional<bool> suspends;         // nullopt: may_suspend(url)
    std::chrono::milliseconds connect = limits::db_connect;
    std::chrono::milliseconds idle = limits::listener_idle;
};

/// What a listener reports, on its executor, one call at a time, never from inside a call to the listener. The
/// callbacks may call any function of the listener, and destroy it; they must not throw.
struct listener_events {
    std::function<void(const std::string& channel, const std::string& payload)> notified;
    /// Called each time LISTEN has started or was restored. Notifications sent before were missed: read the tables
    /// once.
    std::function<void()> connected;
    /// Called each time LISTEN was lost, and for each failed attempt to connect, with one sentence. `asleep`: the
    /// listener does not connect again until wake(); where a transaction pooler answers, which loses notifications, it
    /// never does.
    std::function<void(const std::string& why, bool asleep)> lost;
};

enum class listening { off, connecting, on, asleep, closed };

/// A separate connection that LISTENs. While idle it sends nothing but TCP keep-alives.
///
/// After a loss it connects again with backoff (capped, without end), except where the server suspends: when nothing of
/// ours happened for `idle` before the server closed the connection, the server was suspended, and connecting again
/// would wake it and keep it awake. Then the listener is asleep until wake(). A notification that another program sends
/// meanwhile is missed; `connected` is called after the next wake().
class listener {
public:
    /// Does not connect before the first wake(). Throws db_error 08001 when the address cannot be read.
    listener(const asio::any_io_executor& executor, listener_options options, listener_events events);
    /// As close().
    ~listener();
    listener(const listener&) = delete;

    /// Says that there is work for the database, so it is or will be awake: connects when off or asleep, and counts as
    /// activity. It is cheap: call it whenever something is done with the database.
    void wake();
    /// Stops listening; no callback is called any more.
    void close();
    listening state() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace persais::store
