#pragma once
#include "base/ids.hpp"
#include "i18n/phrase.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Commands as people write them. Their names are the same in every language.
namespace persais::telegram {

/// One for each line of commands.inc. telegram/dialog/command_handlers.cpp handles each, and does not compile without
/// it.
enum class command {
#define COMMAND(name, admin, task, help) name,
#include "telegram/api/commands.inc"
#undef COMMAND
};

struct command_row {
    command what;
    std::string_view name; // as it is written, without the slash
    bool admin;            // for admins only
    bool task;             // takes a task's number
    i18n::phrase help;     // its description
};

/// In the order in which people are shown them.
std::span<const command_row> commands();
const command_row& row_of(command what);

/// A text that begins as a command.
struct spoken {
    std::optional<command> what; // nullopt: no such command
    std::string name;            // as written, in lower case
    std::string at;              // "persais_bot" of /abort@persais_bot, in lower case; empty: nobody is named
    std::string rest;            // what follows, trimmed
    bool operator==(const spoken&) const = default;
};

/// "/abort 17", "/abort@persais_bot 17", also "/abort_17", which can be tapped. nullopt: the text is no command; a path
/// as in "/etc/hosts is wrong" is none.
std::optional<spoken> read_command(std::string_view text);

/// The command that was probably meant; nullopt: none is similar.
std::optional<command> nearest_command(std::string_view name);

/// Reads "17" or "#17"; nullopt for anything else.
std::optional<task_id> read_task_number(std::string_view rest);

} // namespace persais::telegram
