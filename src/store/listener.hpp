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
    std::vector<std::string> channels;    // any text; quoted here
    std::string ca_file;                  // SSL_CERT_FILE; empty: the system's
    std::string setting = "DATABASE_URL"; // what sentences call the address
    std::optional<bool> suspends;         // nullopt: may_suspend(url)
    std::chrono::milliseconds connect = limits::db_connect;
    std::chrono::milliseconds idle = limits::listener_idle;
};

/// What a listener tells, on its executor, one at a time, never from inside a call to it. They may call anything of the
/// listener, and end it; they must not throw.
struct listener_events {
    std::function<void(const std::string& channel, const std::string& payload)> notified;
    /// Each time it listens (again). What was sent before has been missed: look at the tables once.
    std::function<void()> connected;
    /// Each time it listened and does not any more, and for each try to connect that failed, with one sentence.
    /// `asleep`: it stays away until wake(); for good where a transaction pooler answers, which loses notifications.
    std::function<void(const std::string& why, bool asleep)> lost;
};

enum class listening { off, connecting, on, asleep, closed };

/// A connection of its own that LISTENs. Idle it sends nothing but TCP keep-alives.
///
/// After a loss it connects again with backoff (capped, for ever), except where the server suspends: when nothing of
/// ours happened for `idle` before the server closed the connection, that was the server going to sleep, and connecting
/// again would wake it and keep it awake for ever. Then the listener is asleep until wake(). A notification that
/// another program sends meanwhile is missed; `connected` comes after the next wake().
class listener {
public:
    /// Off until the first wake(). Throws db_error 08001 when the address cannot be read.
    listener(const asio::any_io_executor& executor, listener_options options, listener_events events);
    /// As close().
    ~listener();
    listener(const listener&) = delete;

    /// There is work for the database, so it is or will be awake: connects when off or asleep, and counts as activity.
    /// Cheap: call it whenever something is done with the database.
    void wake();
    /// Ends it; nothing is told any more.
    void close();
    listening state() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace persais::store
