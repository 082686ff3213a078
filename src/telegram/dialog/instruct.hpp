#pragma once
#include "mechanic/limits.hpp"
#include "telegram/dialog/instruction.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// Begins what a message asks for: another part of what its person has just said, or a new task.
awaitable<void> instruct(update_context& t, instruction said);

/// Whether a message of this date belongs to what was said before. Compares the times at which both were written,
/// because messages that waited all come at once; and the times at which they came, because Telegram's dates are whole
/// seconds. The later part may come first.
bool together(const update_context& t, std::int64_t said_at, const telegram::heard_part& with);
/// Both as one instruction, in the order of their messages.
instruction merged(const instruction& one, const instruction& other);
/// What it consists of: at least one part.
std::vector<telegram::message_part> parts_of(const instruction& said);
/// Whether the person's newest task here would be too long with this as a part.
bool too_long_with_open(const update_context& t, const instruction& said);

/// Nothing begins: says why, once. The parts that follow are refused without a word. `said_at`: Telegram's date.
void refuse_instruction(update_context& t, std::int64_t said_at, phrase why, std::initializer_list<filling> words = {});

/// The same for an instruction of which nothing begins because it is too long.
void refuse_long_instruction(update_context& t, std::int64_t said_at);

/// Whether the message is another part of an instruction that was refused; then it is refused with it.
bool follows_refused(update_context& t, std::int64_t said_at);

/// Whether the message asks for nothing and is no part of what its person has just said; then the bot asks.
bool asks_for_nothing(update_context& t, std::int64_t said_at, const std::string& text);

/// Whether the message, which replies to this task, is another part of what its person has just said to it; then it is
/// joined.
bool joins_reply(update_context& t, std::int64_t said_at, task_id to, const std::string& text);

/// Begins a task in this repository, and writes the messages that belong to it.
awaitable<void> begin_task(update_context& t, const instruction& said, std::optional<telegram::repository> in);

/// Adds a task with this order, and returns its id. `parts`: what its instruction consists of, at least one. `said_at`:
/// the date of a message that may get more parts.
/// `conversation`: the conversation that the task carries on.
awaitable<task_id> place_order(update_context& t, const mechanic::order& order,
                               std::vector<telegram::message_part> parts, std::optional<std::int64_t> said_at,
                               std::string repository, std::string conversation = "[]");

/// A message was edited. An instruction that no worker has begun is replaced; for one that was begun the person is told
/// that the edit came too late. Any other message is left as it was.
awaitable<void> take_edit(update_context& t, std::string text);
/// The edit turned the message into something that is no instruction: what had become of it is taken back, unless a
/// worker has begun with it.
awaitable<void> drop_what_it_was(update_context& t, std::int64_t message);

} // namespace persais::telegram
