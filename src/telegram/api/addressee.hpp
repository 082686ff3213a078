#pragma once
#include "telegram/api/command.hpp"
#include "telegram/api/update.hpp"

/// Who a message is meant for.
namespace persais::telegram {

/// The bot itself, as getMe tells.
struct bot {
    std::int64_t id = 0;
    std::string username; // without @
};

/// What a message says to the bot.
struct addressed {
    std::optional<spoken> command; // with or without @; an unknown one too
    std::string text;              // else: the text without the bot's name before or behind it; may be empty
    bool operator==(const addressed&) const = default;
};

/// nullopt: it is not meant for the bot. Alone with a person every message is, but for commands to another bot; in a
/// group one that names the bot, answers a message of the bot's, or is a command (without @: one that Persais knows).
std::optional<addressed> read_addressed(const message& m, const bot& me);

} // namespace persais::telegram
