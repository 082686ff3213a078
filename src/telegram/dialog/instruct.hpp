#pragma once
#include "mechanic/limits.hpp"
#include "telegram/dialog/instruction.hpp"
#include "telegram/dialog/update_context.hpp"

namespace persais::telegram {

/// What a message asks for: another part of what its person has just said, or a task of its own.
awaitable<void> instruct(update_context& t, instruction said);

/// It is longer than limits::instruction_bytes.
void say_too_long(update_context& t, const std::string& text);

/// A task in this repository; the messages that belong to it are written too.
awaitable<void> begin_task(update_context& t, const instruction& said, std::optional<telegram::repository> in);

/// A task with this order. `said_at`: of one that may get more parts. `conversation`: of a task that it carries on.
awaitable<task_id> place_order(update_context& t, const mechanic::order& order, std::int64_t message,
                               std::optional<std::int64_t> said_at, std::string repository,
                               std::string conversation = "[]");

/// A message was edited: an instruction that nobody has begun is taken as it is now; else its person is told that it
/// came too late. What is no instruction is left as it was.
awaitable<void> take_edit(update_context& t, std::string text);

} // namespace persais::telegram
