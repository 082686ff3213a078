#pragma once
#include "base/seal.hpp"
#include "service/diffs.hpp"
#include "service/known_repositories.hpp"
#include "service/models.hpp"
#include "service/remotes.hpp"
#include "service/tasks.hpp"
#include "telegram/api/documents.hpp"

#include <functional>

namespace persais::telegram {

using service::relation;
using service::role;

/// What /status shows beside what is in the database.
struct service_facts {
    std::string version;
    std::chrono::seconds up{};
    std::string sandbox; // a word or two about the sandbox; empty: there is none
};

/// What the update handler needs of others. All of it outlives the handler; a function may throw store::db_error and
/// nothing else.
struct update_handler_dependencies {
    const config::settings& settings;
    store::pool& db;
    service::tasks& tasks;
    service::diffs& diffs;
    service::remotes& remotes;
    service::model_catalogue& models;
    const clock& time;
    /// The seal for secrets that are sent in a chat.
    std::function<const seal&()> sealing;
    /// Somebody without rights wrote to the bot.
    std::function<void()> refused;
    /// There is a task to claim or to abort.
    std::function<void()> wake_workers;
    /// All spending was paused: calls of models under way in this process are cut.
    std::function<void()> spending_paused;
    /// A row was put into the outbox.
    std::function<void()> wake_sender;
    /// A call that sends no message, made at once and not waited for, because its answer is useful for a moment only.
    std::function<void(std::string method, std::string body)> call;
    /// The text of a file that somebody sent.
    std::function<awaitable<result<std::string, unread>>(attachment)> read_document;
    /// Runs a coroutine in the background, at most until the service ends.
    std::function<void(awaitable<void>)> beside;

    std::function<service_facts()> facts;
    const service::known_repositories* repositories = nullptr; // null: none has settings of its own
};

} // namespace persais::telegram
