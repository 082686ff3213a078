#pragma once
#include "api/operation.hpp"

namespace persais::api {

/// Writes events to whoever asked, as server-sent events: behind Last-Event-ID if it is given, else from now on; those
/// of one task, or of all that they may look at. Ends when the token or its rights go. Each comes once; with the id of
/// the last one that came the stream goes on behind it, in another process too.
awaitable<> stream_events(asked& r, http::responder& to, std::optional<task_id> task);

} // namespace persais::api
