#pragma once
#include <chrono>
#include <cstddef>

/// Limits of the wiring of the service and of `persais run`. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto claim_every = 200ms;                 // between two attempts of `persais run` to claim a task
inline constexpr auto claim_patience = 5s;                 // beyond the time at which such a task must be free
inline constexpr auto leave_within = 5s;                   // of a service, from SIGTERM to its end
inline constexpr auto leave_rest = 2s;                     // more for a service to close what it opened
inline constexpr auto bring_up_first = 1s;                 // pause of a service whose parts do not start; doubles
inline constexpr auto bring_up_most = 30s;                 // the longest pause of a service whose parts do not start
inline constexpr auto db_absent_service = 5min;            // a service's statements wait for an unreachable database
inline constexpr std::size_t chat_diff_bytes = 256 * 1024; // of a task, read for its result in a chat
inline constexpr auto webhook_secret_overlap = 10min;      // the old secret is accepted after a new one is set
inline constexpr std::size_t webhook_body_bytes = 1024 * 1024;        // of an update that Telegram sends
inline constexpr std::size_t webhook_at_once = 200;                   // requests of Telegram; it sends at most 100
inline constexpr std::size_t forge_hook_body_bytes = 2 * 1024 * 1024; // of a call of a forge's webhook
inline constexpr std::size_t forge_hook_at_once = 16;                 // calls of forges
inline constexpr auto forge_hook_deadline = 9s;           // for a call: GitHub waits for 10 s, and does not call again
inline constexpr auto forge_hook_commit = 7s;             // of that, for the COMMIT
inline constexpr std::size_t descriptors_most = 65'536;   // the soft limit of open files is raised so far
inline constexpr std::size_t descriptors_own = 320;       // kept from the door: gateway, model, Telegram, git
inline constexpr std::size_t descriptors_task = 104;      // kept from the door for each task at once
inline constexpr std::size_t door_connections_least = 16; // however few descriptors there are
inline constexpr std::size_t figures_connections = 32;    // to METRICS_ADDRESS
inline constexpr auto own_messages_go = 3s; // after a look at the queue, before it is asked whether messages are left
inline constexpr std::size_t calls_at_once = 16; // answers to presses that are being sent
inline constexpr int backups_missed = 3;         // intervals without a good backup, until admins are told
inline constexpr int active_chat_days = 14;      // a chat is told of a restored backup so long after a task changed
inline constexpr auto model_list_wait = 5s;      // for the endpoint's list, when somebody chooses a model
inline constexpr std::size_t app_token_bytes = 256 * 1024; // of an answer of GitHub about that
inline constexpr auto app_token_answer = 20s;              // of getting a token as a GitHub App
inline constexpr auto app_token_retry = 30s;          // after GitHub did not answer; also between two tokens at least
inline constexpr auto app_token_retry_lasting = 5min; // after it refused, which a person has to see to

} // namespace persais::limits
