#pragma once
#include "queue/listing.hpp"

#include <limits>
#include <string_view>

/// The events of all tasks, in the order of their numbers, for whoever streams them. A number is given before its
/// event is committed, so that a lower one may come after a higher one. All functions throw store::db_error.
namespace persais::queue {

/// The channel on which each process is told that there are new events.
inline constexpr const char* events_channel = "persais_events";
/// What is said there instead when somebody's rights changed, or a token of the API.
inline constexpr std::string_view rights_changed = "rights";

/// From now on, for limits::feed_told, events are told on the channel, because this process streams them. What was
/// being written at this moment may not be: look once more, a little later.
awaitable<void> tell_events_to(store::pool& db, std::string process);
awaitable<void> tell_no_events_to(store::pool& db, std::string process);

struct fed_event {
    happening what;
    task_id task;
    std::string remote;
    std::optional<std::int64_t> giver; // of the task; nullopt: a terminal
};

/// Which events somebody has: all up to `number` but those `missing`, which were not there yet.
struct feed_place {
    std::int64_t number = 0;
    std::vector<std::int64_t> missing = {};
};
/// The newest one. `missing`: numbers that were given shortly before it and are not there.
awaitable<feed_place> newest_event(store::pool& db);

struct feed_range {
    feed_place after;
    std::int64_t upto = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> but = {}; // numbers that are left out
    std::optional<task_id> task = {};
};
/// At most limits::log_page of those after the place, and those that it misses.
awaitable<std::vector<fed_event>> events_of(store::pool& db, feed_range which);

} // namespace persais::queue
