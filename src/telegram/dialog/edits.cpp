#include "telegram/dialog/edits.hpp"

namespace persais::telegram {

awaitable<void> take_edit(update_context& t, std::string text) {
    t.out.name = "ignored";
    auto task = co_await telegram::task_of_message(t.with.db, t.where.chat, t.message);
    auto home = task ? co_await telegram::home_of(t.with.db, *task) : std::nullopt;
    if (!home || home->person != t.who.id) co_return;
    auto found = co_await t.with.tasks.load(*task);
    if (!found || found->task.what.instruction == text) co_return; // a link's preview came, or a reaction
    t.out.name = "answer";
    bool whole = home->message == t.message && home->parts == 1;
    if (home->begun || !whole || !service::instruction_from(text)) {
        t.say(phrase::edit_too_late, {{"task", task->value}});
        co_return;
    }
    t.write(telegram::reword_task(*task, text));
    t.say(phrase::edit_taken, {{"task", task->value}});
}

} // namespace persais::telegram
