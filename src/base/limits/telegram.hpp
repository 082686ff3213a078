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
inline constexpr auto telegram_retry_first = 1s;                         // pause after a failed send; doubles
inline constexpr auto telegram_retry_most = 60s;                         // and is never longer
inline constexpr auto telegram_send_lease = 75s;                         // of an outbox row while it is being sent
inline constexpr int telegram_chats_looked_at = 200;       // whose first waiting message is read in one go
inline constexpr std::size_t chat_diff_bytes = 256 * 1024; // of a task, read for its result in a chat
inline constexpr int telegram_open_messages = 500;         // of tasks under way, brought up to date at a start
inline constexpr int telegram_chats_at_once = 16;          // chats that are sent to at the same time

} // namespace persais::limits
