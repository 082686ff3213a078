#pragma once
#include "service/diffs.hpp"
#include "telegram/outbound/status_messages.hpp"
#include "worker/dependencies.hpp"

namespace persais::app {

/// The functions that make a task's message in a chat, from the task's row, its costs, its place in the queue and its
/// diff. `with` and `db` outlive them.
telegram::task_views chat_views(const worker::dependencies& with, service::diffs& diffs, store::pool& db);

} // namespace persais::app
