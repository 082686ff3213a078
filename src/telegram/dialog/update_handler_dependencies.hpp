#pragma once
#include "base/clock.hpp"
#include "base/seal.hpp"
#include "config/settings.hpp"
#include "queue/tasks.hpp"

#include <functional>

namespace persais::telegram {

enum class role { stranger, user, admin };

/// What /status tells beside the database.
struct service_facts {
    std::string version;
    std::chrono::seconds up{};
    std::string sandbox; // a word or two of how it confines; empty: it does not (PERSAIS_UNSAFE)
};

/// What a look at a remote came to: empty, or a sentence of why it cannot be read, or not be pushed to.
struct remote_verdict {
    std::string cannot_read;
    std::string cannot_push;
};

/// What a task changed, for a person.
struct task_diff {
    enum class kind { there, nothing, elsewhere } what = kind::nothing;
    std::string text; // of one that is there
    bool cut = false; // it is longer
    std::string commit, branch;
    mechanic::diff_size size;
};

/// asked: a worker holds it and ends it within seconds. turn: ended, and the result of the turns before stands.
enum class abort_end { asked, whole, turn };

/// What attending to people needs of others. All of it outlives the update handler; no function may throw, but for
/// db_error.
struct update_handler_dependencies {
    const config::settings& settings;
    store::pool& db;
    queue::tasks& tasks;
    const clock& time;
    /// Of secrets that are told in a chat.
    std::function<const seal&()> sealing;
    /// Somebody who may not say anything said something.
    std::function<void()> refused;
    std::function<void()> wake_workers;
    std::function<void()> wake_sender;
    /// A call that is no message, made at once and not waited for: its answer is of use for a moment only.
    std::function<void(std::string method, std::string body)> call;
    /// Runs beside everything else, as long as the service does.
    std::function<void(awaitable<void>)> beside;

    std::function<service_facts()> facts;
    /// `commit` empty: the newest.
    std::function<awaitable<task_diff>(task_id, std::string commit)> diff;
    /// An error: it had ended.
    std::function<awaitable<result<abort_end>>(task_id)> abort;
    /// The order of one more try of a settled task, with what the settings are now; nullopt: its turns are too much for
    /// one task.
    std::function<awaitable<std::optional<mechanic::order>>(mechanic::task)> again;
    /// The order of the change that an answer proposes; nullopt: there is none.
    std::function<std::optional<mechanic::order>(const mechanic::task&)> of_answer;
    std::function<awaitable<remote_verdict>(std::string remote, std::string token)> look_at_remote;
    /// A token is there for this address from now on.
    std::function<void(const std::string& remote, const std::string& token)> keep_token;
};

} // namespace persais::telegram
