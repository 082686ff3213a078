#pragma once
#include "service/diffs.hpp"
#include "telegram/outbound/status_messages.hpp"
#include "worker/dependencies.hpp"

namespace persais::app {

/// What a task's message in a chat shows: the task's row, what it has cost, where it stands in the queue, what it
/// changed. `with` and `db` outlive what is made.
telegram::task_views chat_views(const worker::dependencies& with, service::diffs& diffs, store::pool& db);

} // namespace persais::app
