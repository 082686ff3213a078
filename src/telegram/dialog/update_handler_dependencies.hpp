#pragma once
#include "base/seal.hpp"
#include "service/diffs.hpp"
#include "service/remotes.hpp"
#include "service/tasks.hpp"

#include <functional>

namespace persais::telegram {

using service::relation;
using service::role;

/// What /status tells beside the database.
struct service_facts {
    std::string version;
    std::chrono::seconds up{};
    std::string sandbox; // a word or two of how it confines; empty: it does not
};

/// What the update handler needs of others. All of it outlives the handler; a function may throw
/// store::db_error and nothing else.
struct update_handler_dependencies {
    const config::settings& settings;
    store::pool& db;
    service::tasks& tasks;
    service::diffs& diffs;
    service::remotes& remotes;
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
};

} // namespace persais::telegram
