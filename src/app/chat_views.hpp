#pragma once
#include "service/diffs.hpp"
#include "telegram/outbound/status_messages.hpp"
#include "worker/dependencies.hpp"

namespace persais::app {

/// The functions that make a task's message in a chat, from the task's row, its costs, its place in the queue and its
/// diff. `with` and `db` outlive them. `admin_reads`, `chat_gone`: see
/// task_views.
telegram::task_views chat_views(const worker::dependencies& with, service::diffs& diffs, store::pool& db,
                                std::function<bool(std::int64_t chat)> admin_reads, std::function<void()> chat_gone);

} // namespace persais::app
