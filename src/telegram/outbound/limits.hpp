#pragma once
#include <chrono>
#include <cstddef>

/// Limits of telegram/outbound/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t telegram_diff_units = 3500; // of a diff or a log in a message; a longer one is a file
inline constexpr auto telegram_retry_after = 5s;         // the pause when a 429 does not name one
inline constexpr auto telegram_chat_every = 1s;          // between two messages to one chat
inline constexpr int telegram_group_per_minute = 20;     // messages to one group
inline constexpr int telegram_per_second = 30;           // messages in all
inline constexpr auto telegram_edit_every = 3s;          // between two edits of a progress message
inline constexpr int telegram_looks = 4;                 // reads of a task that changes during its edit, then a pause
inline constexpr auto telegram_retry_first = 1s;         // pause after a failed send; doubles
inline constexpr auto telegram_retry_most = 60s;         // the longest pause after a failed send
inline constexpr auto telegram_send_slack = 5s;          // more than LEASE_TTL is an outbox row held, unless renewed
inline constexpr auto telegram_give_back = 1s;           // for a sender that is stopped to return its row
inline constexpr int telegram_chats_looked_at = 200;     // chats whose first waiting message is read at once
inline constexpr int telegram_open_messages = 500;       // of running tasks, brought up to date at a start
inline constexpr int telegram_chats_at_once = 16;        // chats that are sent to at the same time

} // namespace persais::limits
