#pragma once
#include "telegram/api/command.hpp"
#include "telegram/api/update.hpp"

/// Tells whom a message is addressed to.
namespace persais::telegram {

/// The bot itself, as getMe returns it.
struct bot {
    std::int64_t id = 0;
    std::string username; // without @
};

/// What a message says to the bot.
struct addressed {
    std::optional<spoken> command; // with or without @; it may be unknown
    std::string text;              // without a command: the text, without the bot's name at its ends; may be empty
    bool operator==(const addressed&) const = default;
};

/// nullopt: the message is not addressed to the bot. In a private chat every message is, except commands to another
/// bot; in a group a message that names the bot, replies to a message of the bot's, or is a command (without @: one
/// that Persais knows).
std::optional<addressed> read_addressed(const message& m, const bot& me);

} // namespace persais::telegram
