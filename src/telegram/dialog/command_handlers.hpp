#pragma once
#include "telegram/api/command.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Does what a command says.
awaitable<void> handle_command(update_context& t, const spoken& said);

/// Does for a press what /reset does.
awaitable<void> forget_conversation(update_context& t);
// These three store a person's or a conversation's choice, and say so.
void speak(update_context& t, language l);
void work_on(update_context& t, const telegram::repository& r);
/// The model that a person named for this conversation, when they may choose it and the endpoint has it; else says why
/// not.
awaitable<void> take_model(update_context& t, std::string said);
/// Back to the service's own model.
void leave_model(update_context& t);

/// The bodies of setMyCommands: one for everybody in each language, and one for each admin.
std::vector<std::string> command_lists(const std::vector<std::int64_t>& admins);

} // namespace persais::telegram
