#pragma once
#include "base/ids.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What is known of tasks that came by the HTTP API, and of requests that may come once more. A person is their
/// number, or `terminal`. Functions that return a statement are for the transaction that adds the task or the reply.
namespace persais::queue {

store::statement given_by_api(task_id id, std::int64_t person);
/// Who gave the task, in a chat, by the API or at a forge; nullopt: a terminal did, or somebody who is not known here.
/// Throws db_error.
awaitable<std::optional<std::int64_t>> giver_of(store::pool& db, task_id id);
/// How many tasks of the person no worker has begun. Throws db_error.
awaitable<int> waiting_of(store::pool& db, std::int64_t person);

/// A request with a key, and what it came to.
struct keyed_request {
    std::string person, key;
    std::string digest; // of what was asked for, in hex
    task_id task;
    int turn = 0; // of a reply
};
/// Fails with 23505 when the key was used before.
store::statement keep_request(const keyed_request& what);
/// Throws db_error.
awaitable<std::optional<keyed_request>> kept_request(store::pool& db, std::string person, std::string key);

} // namespace persais::queue
