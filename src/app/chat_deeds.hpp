#pragma once
#include "telegram/dialog/limits.hpp"
#include "telegram/dialog/update_handler_dependencies.hpp"
#include "worker/dependencies.hpp"

namespace persais::app {

// What people in a chat ask of the rest of the service.

/// `commit` empty: the newest. At most limits::chat_file_bytes.
awaitable<telegram::task_diff> diff_of(const worker::dependencies& with, task_id id, std::string commit);

/// An error: it had ended, or there is none.
awaitable<result<telegram::abort_end>> abort_for_chat(const worker::dependencies& with, task_id id);

/// nullopt: its turns are too much for one task.
awaitable<std::optional<mechanic::order>> retry_for_chat(const worker::dependencies& with, mechanic::task old);

/// Reads it and rehearses a push, as doctor does, with the token that is given, else with what the settings have for
/// it.
awaitable<telegram::remote_verdict> try_remote(const config::settings& settings, std::string remote, std::string token);

} // namespace persais::app
