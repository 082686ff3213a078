#pragma once
#include "telegram/api/api.hpp"
#include "telegram/api/update.hpp"

namespace persais::telegram {

/// Why an attachment is not read.
enum class unread {
    no_text,   // a picture, a voice message, or a file whose bytes are no UTF-8
    too_large, // over limits::telegram_document_bytes
    not_given  // Telegram did not hand it over
};

/// The text of a document, fetched from Telegram: valid UTF-8 without NUL. Throws operation_aborted when cancelled, and
/// nothing else.
awaitable<result<std::string, unread>> read_document(api& bot, attachment what); // `bot` outlives it

} // namespace persais::telegram
