#pragma once
#include "telegram/api/addressee.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// A message with all that its person meant by it.
struct whole_message {
    std::string text;                   // the words, then what they refer to: quotations, files that were read
    bool attached = false;              // there are attachments, read or not
    std::vector<std::string> read = {}; // the names of the files that are in `text`
    std::string not_read = {};          // what is not, and why, in the person's language; empty: everything is read
};

/// Reads what a message refers to. `words`: the message's own, without a command or the bot's name.
awaitable<whole_message> read_whole(update_context& t, const message& m, const bot& me, std::string words);

} // namespace persais::telegram
