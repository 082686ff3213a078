#pragma once
#include "telegram/outbound/teller.hpp"
#include "worker/parts.hpp"

namespace persais::app {

/// What a task's message in a chat shows: the task's row, what it has cost, where it stands in the queue, what it
/// changed. `with` and `db` outlive what is made.
telegram::task_views chat_views(const worker::parts& with, store::pool& db);

} // namespace persais::app
