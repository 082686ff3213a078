#pragma once
#include "store/canceller.hpp"
#include "store/connection.hpp"
#include "store/limits.hpp"

#include <list>
#include <set>

namespace persais::store {

/// Before whom a request for a connection goes. `at_once` may have one connection more than there may be, while each is
/// lent.
enum class urgency { none, first, at_once };

/// The connections of a pool and the requests that wait for one. Connects only while a request waits; after a failure
/// one attempt at a time, with capped exponential backoff. It must live until its last coroutine has ended, so it is
/// held by shared_ptr.
class connections : public std::enable_shared_from_this<connections> {
public:
    /// A connection lent to one request. The destructor gives it back, or drops it (and cancels its statement) when it
    /// is not reusable any more.
    class lease {
    public:
        lease(std::shared_ptr<connections> from, std::unique_ptr<connection> what);
        lease(lease&&) = default;
        ~lease();
        connection* operator->() const { return what_.get(); }
        connection& operator*() const { return *what_; }
        /// The server answered on this connection.
        void answered() { from_->answered(*what_); }
        /// The server turned out to be read-only; on_change reports it until writes_again().
        void only_reads() { from_->only_reads(); }
        /// Marks the connection as unusable; it is closed when the lease ends.
        void spoil() { what_->cut(); }

    private:
        std::shared_ptr<connections> from_;
        std::unique_ptr<connection> what_;
    };

    connections(const asio::any_io_executor& executor, pool_options options);

    /// Lends a connection. Throws db_error: 08006 when there is none at `give_up` or too many requests wait already,
    /// 08003 when closed, or the server's own refusal when waiting is hopeless. Safe to cancel.
    /// One that is urgent goes before those that are not. The one connection more is only tried: a server that refuses
    /// it is not down, and the request gets the first of the others that is free.
    awaitable<lease> take(std::chrono::steady_clock::time_point give_up, urgency how = urgency::none);
    void close();
    /// As pool::renew().
    void renew(const secret& url);
    pool_status status() const;

    std::function<void(db_change, const std::string&)> on_change;
    std::function<void()> on_answer;
    /// Whether statements may be prepared by name: not behind a pooler.
    bool named = true;
    /// After only_reads(): the server accepts writing statements again.
    void writes_again();

private:
    struct waiter;
    void give(std::unique_ptr<connection> c);
    void keep_idle(std::unique_ptr<connection> c);
    void lost_idle(const connection* c);
    void answered(const connection& on);
    void only_reads();
    void connect_more();
    std::size_t size() const { return static_cast<std::size_t>(options_.size); }
    /// Somebody waits who may have one connection more.
    bool more_allowed() const;
    /// How many connections are worth connecting for now.
    std::size_t most() const;
    /// `self` keeps this object alive while the coroutine runs.
    awaitable<void> connect_one(std::shared_ptr<connections> self);
    void connected(std::unique_ptr<connection> c);
    void failed(const std::string& why);
    /// The server refused the one connection more. `hopeless`: nobody who waits now tries it again.
    void more_refused(const std::string& why, bool hopeless);
    std::string why_none() const;
    void fail_waiters(const std::exception_ptr& why);

    asio::any_io_executor executor_;
    pool_options options_;
    endpoint where_;
    unsigned era_ = 0; // grows with each renew(); connections of an earlier era are not used again
    canceller canceller_;
    std::vector<std::unique_ptr<connection>> idle_; // the newest is used first
    std::list<waiter*> waiting_;                    // in take(), oldest first, the urgent ones before the others
    std::set<connection*> lent_;
    std::size_t open_ = 0; // idle, lent, or just given to a waiter
    std::list<cancel_handle> connecting_;
    std::chrono::nanoseconds backoff_ = limits::db_backoff_least;
    // Apart from the others: while the one connection more is not tried, the pool's own are connected as ever.
    std::chrono::nanoseconds more_backoff_ = limits::db_backoff_least;
    cancel_handle more_pause_; // not ended: the one connection more was refused, and is not tried yet
    unsigned tries_ = 0;       // since the last successful connect
    bool closed_ = false;
    bool only_reads_ = false; // the server can be reached, but is as good as absent
    pool_status seen_;
};

} // namespace persais::store
