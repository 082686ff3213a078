#pragma once
#include "telegram/api/command.hpp"
#include "telegram/dialog/talk.hpp"

namespace persais::telegram {

/// Does what a command says.
awaitable<void> obey(talk& t, const spoken& said);

// The same for a press.
awaitable<void> show_help(talk& t);
awaitable<void> show_status(talk& t);
awaitable<void> show_tasks(talk& t);
awaitable<void> show_repositories(talk& t);
awaitable<void> show_models(talk& t);
awaitable<void> show_budget(talk& t);
awaitable<void> show_languages(talk& t);
awaitable<void> forget_conversation(talk& t);
void speak(talk& t, language l);
void work_on(talk& t, const telegram::repository& r);
/// nullopt: as set up for the service.
void take_model(talk& t, const std::optional<std::string>& model);

/// The bodies of setMyCommands: everybody's in both languages, an admin's own.
std::vector<std::string> command_lists(const std::vector<std::int64_t>& admins);

} // namespace persais::telegram
