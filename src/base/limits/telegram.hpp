#pragma once
#include <chrono>
#include <cstddef>

/// Of the chat. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t telegram_update_bytes = 1024 * 1024; // of one update: a webhook's body
inline constexpr std::size_t telegram_json_depth = 32;            // of an update and of an answer of the Bot API
inline constexpr std::size_t telegram_text_units = 4096;          // of a message, in UTF-16 units
inline constexpr std::size_t telegram_entities = 100;             // of a message; Telegram ignores more
inline constexpr std::size_t telegram_caption_units = 1024;       // of a file's caption, in UTF-16 units
inline constexpr std::size_t telegram_diff_units = 3500;          // of a diff or a log in a message; more is a file
inline constexpr std::size_t telegram_data_bytes = 64;            // of a button's data
inline constexpr std::size_t telegram_notice_units = 200;         // of the words that answer a press, in UTF-16 units
inline constexpr std::size_t telegram_description_bytes = 400;    // kept of a refusal's own words
inline constexpr auto telegram_call = 20s;                        // one call of the Bot API
inline constexpr auto telegram_upload = 60s;                      // one with a file
inline constexpr std::size_t telegram_answer_bytes = 16UL * 1024 * 1024; // of an answer of the Bot API
inline constexpr auto telegram_retry_after = 5s;                         // when a 429 does not say
inline constexpr auto telegram_chat_every = 1s;                          // between two messages to one chat
inline constexpr int telegram_group_per_minute = 20;                     // messages to one group
inline constexpr int telegram_per_second = 30;                           // messages in all
inline constexpr auto telegram_edit_every = 3s;                          // between two edits of a progress message
inline constexpr int telegram_looks = 4;             // at a task that moves while its message is edited, before a pause
inline constexpr auto telegram_retry_first = 1s;     // pause after a failed send; doubles
inline constexpr auto telegram_retry_most = 60s;     // and is never longer
inline constexpr auto telegram_send_lease = 75s;     // of an outbox row while it is being sent
inline constexpr auto telegram_give_back = 1s;       // for a sender that is stopped to end its hold
inline constexpr int telegram_chats_looked_at = 200; // whose first waiting message is read in one go
inline constexpr std::size_t chat_diff_bytes = 256 * 1024; // of a task, read for its result in a chat
inline constexpr int chat_diff_tries = 3;                  // when the git that reads it is killed
inline constexpr int telegram_open_messages = 500;         // of tasks under way, brought up to date at a start
inline constexpr int telegram_chats_at_once = 16;          // chats that are sent to at the same time

inline constexpr auto intake_commit = 10s;                         // a COMMIT of updates; then Telegram is told to wait
inline constexpr std::size_t intake_waiting = 2000;                // updates that wait for the COMMIT before theirs
inline constexpr std::size_t intake_bytes = 8UL * 1024 * 1024;     // and their bytes
inline constexpr auto intake_retry_after = 5s;                     // said with a 503
inline constexpr int inbox_page = 500;                             // updates that are read from the inbox at once
inline constexpr std::size_t inbox_page_bytes = 8UL * 1024 * 1024; // of them, about
inline constexpr int update_tries = 3;                             // of an update whose handling breaks
inline constexpr int updates_at_once = 3;                         // chats whose updates are worked through side by side
inline constexpr auto update_old = 10min;                         // an answer to an older message says so
inline constexpr auto webhook_secret_overlap = 10min;             // the old secret is accepted after a new one is set
inline constexpr auto poll_wait = 50s;                            // a getUpdates without news
inline constexpr auto poll_slack = 10s;                           // for its answer to come
inline constexpr int poll_updates = 100;                          // of one getUpdates
inline constexpr auto reach_first = 1s;                           // pause after Telegram was not reached; doubles
inline constexpr auto reach_most = 60s;                           // and is never longer
inline constexpr auto said_together = 2s;                         // messages of one person that are one instruction
inline constexpr auto pairing_valid = 15min;                      // of the one-time code in the log
inline constexpr int pairing_tries = 5;                           // wrong ones close it
inline constexpr int person_burst = 30;                           // messages and presses of one person at once
inline constexpr auto person_every = 2s;                          // and one more for each of these
inline constexpr int replies_kept = 20;                           // of one task, which wait for their turn
inline constexpr int person_waiting = 50;                         // tasks of one person that nobody has begun
inline constexpr std::size_t webhook_body_bytes = 1024 * 1024;    // of a request to the service
inline constexpr int buttons_shown = 8;                           // tasks, repositories or models to choose from
inline constexpr int calls_at_once = 16;                          // answers to presses on their way to Telegram
inline constexpr auto expects_for = 15min;                        // an answer to a question of ours is waited for
inline constexpr std::size_t people_remembered = 10'000;          // whose pace is known; the oldest is forgotten
inline constexpr std::size_t diff_inline_units = 3500;            // of a diff or log within a message, in UTF-16 units
inline constexpr std::size_t chat_file_bytes = 4UL * 1024 * 1024; // of a diff or log that is sent as a file

} // namespace persais::limits
