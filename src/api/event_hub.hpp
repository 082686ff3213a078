#pragma once
#include "base/background.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "queue/event_feed.hpp"
#include "service/caller.hpp"

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <set>

namespace persais::api {

/// The newest events, read once for all streams of this process, and what streams know of people's rights. Nothing is
/// read while there is no stream, or while nothing happens.
class event_hub {
public:
    /// An event as a stream writes it.
    struct item {
        std::int64_t number = 0;
        task_id task;
        std::string remote;
        std::optional<std::int64_t> giver; // of the task
        std::string text;                  // its lines, with the id, behind which a stream goes on
    };
    /// One stream, while it is registered.
    struct listener {
        std::int64_t token = 0;
        event news;
        explicit listener(const asio::any_io_executor& executor) : news(executor) {}
    };
    /// Where a stream is among the events that come: those from `next` on are still to be written.
    struct place {
        std::uint64_t next = 0;
        queue::feed_place so_far; // what came before
    };

    /// Both outlive it.
    event_hub(const asio::any_io_executor& executor, store::pool& db, const config::settings& settings)
        : executor_(executor), db_(db), settings_(settings), something_(executor), read_(executor),
          process_(to_hex(random_bytes(16))) {}

    /// Reads events as they come, until cancelled.
    awaitable<void> run();
    /// There may be new events.
    void news();
    /// Somebody's rights may be others than before.
    void rights_may_be_new() {
        rights_at_.reset();
        ++rights_asked_;
    }
    /// Whether this process is told of events that others write; else it asks at each heartbeat.
    std::function<bool()> hears = [] { return false; };
    /// Whether a stream should call news() at its heartbeat.
    bool wants_a_look() const;

    std::size_t streams() const { return listeners_.size(); }
    std::size_t streams_of(std::int64_t token) const;
    /// From now on the listener, which outlives its registration, is told of news.
    void add(listener& one);
    void remove(listener& one);

    /// The newest place: all that is committed now is before it. Throws db_error.
    awaitable<place> newest();
    /// Those from `next` on that are still kept; nullopt: the first of them is not any more.
    std::optional<std::vector<std::shared_ptr<const item>>> from(std::uint64_t next) const;

    bool valid(std::int64_t token) const { return valid_.contains(token); }
    /// Whether the caller may see an event, by what is known of the rights.
    bool may_see(const service::caller& who, const item& what) const;
    /// What is known of them is at most limits::api_rights_age old afterwards. Throws db_error.
    awaitable<void> renew_rights();

    /// How an item is written; `missing`: lower numbers that are to come.
    static std::string lines_of(const queue::fed_event& e, const queue::feed_place& so_far);

private:
    awaitable<void> read();
    awaitable<void> be_told();
    awaitable<void> be_told_no_more();
    void keep(const queue::fed_event& e);
    void expire();

    asio::any_io_executor executor_;
    store::pool& db_;
    const config::settings& settings_;
    event something_;
    std::vector<listener*> listeners_;
    bool awake_ = false; // so_far_ is up to date but for what news() tells
    /// Held by the one that uses the database for all of them.
    struct reading {
        explicit reading(event_hub& hub) : of(hub) { of.reading_ = true; }
        ~reading() {
            of.reading_ = false;
            of.read_.set();
        }
        reading(const reading&) = delete;
        event_hub& of;
    };
    bool reading_ = false;
    event read_;                // it is not held any more
    const std::string process_; // among those that are told of events
    std::optional<std::chrono::steady_clock::time_point> told_since_;
    bool just_told_ = false; // what was being written when that began is still to be read
    queue::feed_place so_far_;
    std::vector<std::pair<std::int64_t, std::chrono::steady_clock::time_point>>
        since_; // when a number was missed first
    std::deque<std::shared_ptr<const item>> kept_;
    std::uint64_t first_ = 0; // the place of the first that is kept
    std::size_t bytes_ = 0;
    service::known_people known_;
    std::set<std::int64_t> valid_; // tokens
    std::optional<std::chrono::steady_clock::time_point> rights_at_;
    std::uint64_t rights_asked_ = 0; // grows with each reason to look at them
};

/// The id of a place, and back: the number, and behind dots those that are missing. nullopt: it is none.
std::string id_of(const queue::feed_place& at);
std::optional<queue::feed_place> place_of(std::string_view id);

} // namespace persais::api
