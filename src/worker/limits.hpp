#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of worker/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto stale_workspace_grace = 2s;          // more to remove what a crash left, when the process ends
inline constexpr auto warm_up_words = 10s;                 // between two lines in the log about a long first clone
inline constexpr std::size_t journal_bytes = 256 * 1024;   // of one run's log, stored
inline constexpr auto housekeeping_every = 24h;            // between two runs of expiry and retention, while awake
inline constexpr auto mirrors_tended_every = 15min;        // between two visits to the mirrors, while awake
inline constexpr auto queue_count_every = 1s;              // between two counts of the queue, for the metrics
inline constexpr auto due_least = 100ms;                   // least sleep of a service before it looks for due tasks
inline constexpr auto look_for_room_every = 1s;            // while a landing before its turn has the last place
inline constexpr auto unusable_row_pause = 1h;             // pause of a task's row that this version cannot work on
inline constexpr std::size_t feedback_bytes = 12 * 1024;   // of red checks' output, for the coder
inline constexpr std::size_t setup_words_bytes = 1500;     // of a red setup's output, for the person
inline constexpr std::size_t said_bytes = 8 * 1024;        // of the coder's last message, stored with the task
inline constexpr std::size_t link_target_bytes = 200;      // of a refused link's target, told to a person
inline constexpr std::size_t paths_turn_bytes = 16 * 1024; // of changed paths, held to the rules before others go on
inline constexpr std::size_t leaks_looked_at = 1000;       // of what looks like a credential, in one change
inline constexpr std::size_t leaks_kept = 20;              // of that, with the task
inline constexpr std::size_t answer_bytes = 64 * 1024;     // of an answer to a question, stored and sent
inline constexpr std::uint64_t set_up_told_from = 2UL * 1024 * 1024 * 1024; // copies of this size and more are reported
inline constexpr std::size_t submodules = 200;                              // of one commit, with those inside them
inline constexpr int submodule_depth = 5;                                   // a submodule in a submodule in …
inline constexpr auto health_look_every = 2s;                               // between two looks at a deployment
inline constexpr auto forge_look_every = 5s;                                // the same, of what the forge says of it
inline constexpr auto health_answer = 10s;              // until an answer begins, and between two pieces of it
inline constexpr auto health_look = 30s;                // of one answer as a whole
inline constexpr auto health_lookup = 60s;              // of asking the remote whether it has the version that answers
inline constexpr std::size_t health_bytes = 64 * 1024;  // of an answer
inline constexpr std::size_t version_bytes = 100;       // of the version in it, told to a person
inline constexpr auto request_state_every = 1s;         // between two looks at a request that the forge looks at itself
inline constexpr int request_state_looks = 10;          // of those, until the worker does something else meanwhile
inline constexpr int request_merge_looks = 60;          // at a merge that the forge carries out, and no more
inline constexpr auto request_merge_first_look = 100ms; // after it was begun; each further pause is twice as long
inline constexpr std::size_t forge_bytes = 8 * 1024 * 1024;  // of a forge's answer
inline constexpr std::size_t request_words_bytes = 8 * 1024; // of the instruction, in the text of a request
inline constexpr auto archive_answer = 5s;                   // of a forge about its archive, while it is fetched
inline constexpr auto request_duty_hold = 120s;              // for closing a request; nobody else tries it meanwhile
inline constexpr auto request_duty_answer = 60s;             // of the forge, for all of it
inline constexpr auto request_duty_first = 30s;              // until it is tried again; twice as long each time
inline constexpr auto request_duty_most = 3600s;             // between two tries
inline constexpr int request_duty_tries = 20;                // until it is given up
inline constexpr auto forge_intake_hold = 60s; // for what was heard at a forge, or is said there; nobody else tries it
inline constexpr auto forge_intake_answer = 45s; // of the forge, for all of one of these
inline constexpr auto forge_intake_first = 15s;  // until it is tried again; twice as long each time
inline constexpr auto forge_intake_most = 1800s; // between two tries
inline constexpr int forge_intake_tries = 20;    // until it is given up
inline constexpr auto forge_poll_hooked = 1800s; // between two looks at a repository that a webhook tells of
inline constexpr auto forge_poll_answer = 120s;  // of the forge, for one look
inline constexpr auto forge_poll_away = 300s;    // until a repository that could not be looked at is
inline constexpr auto forge_poll_stored = 6h;    // that the stored end of the looks may be behind, without any news
inline constexpr std::size_t forge_poll_remembered = 2000; // of what was found in one repository and stored
inline constexpr auto draft_request = 30s;                 // of opening the draft of a result that is in review
inline constexpr std::uint64_t shared_setup_bytes = 8UL * 1024 * 1024 * 1024; // of a setup's result that others may use
inline constexpr auto shared_setup_age = 24h;         // until a setup that others have run is run again
inline constexpr std::size_t shared_setups = 4;       // results beside one checkout, and no more
inline constexpr std::uint64_t shared_setup_part = 4; // one takes at most a fourth of the room beyond the reserve
inline constexpr auto review_expires = 14 * 24h;

} // namespace persais::limits
