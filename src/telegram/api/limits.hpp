#pragma once
#include <chrono>
#include <cstddef>

/// Limits of telegram/api/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t telegram_update_bytes = 1024 * 1024; // of one update: a webhook's body
inline constexpr std::size_t telegram_json_depth = 32;            // of an update and of an answer of the Bot API
inline constexpr std::size_t telegram_text_units = 4096;          // of a message, in UTF-16 units
inline constexpr std::size_t telegram_entities = 100;             // in a message; Telegram ignores more
inline constexpr std::size_t telegram_caption_units = 1024;       // of a file's caption, in UTF-16 units
inline constexpr std::size_t telegram_data_bytes = 64;            // of a button's data
inline constexpr std::size_t telegram_notice_units = 200;         // of the text that answers a press, in UTF-16 units
inline constexpr std::size_t telegram_description_bytes = 400;    // kept of a refusal's description
inline constexpr auto telegram_call = 20s;                        // for one call of the Bot API
inline constexpr auto telegram_upload = 60s;                      // for a call with a file
inline constexpr std::size_t telegram_answer_bytes = 16UL * 1024 * 1024; // of an answer of the Bot API
inline constexpr std::size_t telegram_document_bytes = 64UL * 1024; // of a file that is read as text
inline constexpr int poll_updates = 100;                                 // of one getUpdates

} // namespace persais::limits
