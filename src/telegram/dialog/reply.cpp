#include "telegram/dialog/reply.hpp"

#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "queue/turns.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/limits.hpp"

namespace persais::telegram {

namespace {

/// Where the turn is told: where its task is told, and as a reply to this message when it is there.
telegram::task_origin told_at(const update_context& t, const std::optional<telegram::task_home>& home) {
    bool here = !home || home->where == t.where;
    return {.where = here ? t.where : home->where,
            .person = t.who.id,
            .message = here ? t.message : home->message,
            .language = std::string(to_string(t.tongue)),
            .said_at = {},
            .heard_at = t.one.received};
}

/// Sends the turn's message, as it is until a worker begins.
void show_turn(update_context& t, task_id to, int turn) {
    auto first = telegram::say(t.tongue, phrase::turn_begun, {{"task", to.value}}) + plain("\n") +
                 telegram::say(t.tongue, phrase::queued_next);
    t.send_of_task(to, turn, "progress", first,
                   {{t.button(phrase::button_abort, {.action = "abort", .task = to, .once = true})}});
}

} // namespace

awaitable<void> go_on(update_context& t, const queue::snapshot& with, std::string text) {
    auto to = with.task.id;
    int turn = with.last_turn + 1;
    auto home = co_await telegram::home_of(t.with.db, to);
    auto from = told_at(t, home);
    t.write(queue::reply_statement(to, {turn, text, t.who.id}));
    t.write(telegram::turn_from_chat(to, turn, from));
    bool begins = mechanic::is_settled(with.task.now) && !with.kept;
    if (begins && from.where == t.where)
        show_turn(t, to, turn);
    else
        t.say(begins ? phrase::turn_begun : phrase::turn_kept, {{"task", to.value}});
}

awaitable<bool> reply_to_task(update_context& t, task_id to, std::string text, std::int64_t said_at) {
    auto found = co_await t.with.tasks.load(to);
    if (!found) co_return false;
    if (co_await relation_of(t, to) == relation::none) {
        refuse_instruction(t, said_at, phrase::task_not_yours, {{"task", to.value}});
    } else if (auto why = why_not_give(t.role_at(found->task.what.remote))) {
        refuse_instruction(t, said_at, *why);
    } else if (joins_reply(t, said_at, to, text)) {
        co_return true;
    } else if (!service::instruction_from(text)) {
        refuse_instruction(t, said_at, phrase::reply_long,
                           {{"task", to.value}, {"most", limits::instruction_characters}});
    } else if (int waiting = co_await telegram::replies_kept(t.with.db, to); !service::may_keep(waiting)) {
        refuse_instruction(t, said_at, phrase::turn_too_many, {{"n", waiting}, {"task", to.value}});
    } else {
        t.out.name = "turn";
        int turn = found->last_turn + 1;
        co_await go_on(t, *found, text);
        t.write(telegram::turn_may_go_on(to, turn, said_at, t.one.received, limits::said_together));
        t.write(telegram::message_belongs(t.where, t.message, to, turn, text::characters(text)));
    }
    co_return true;
}

} // namespace persais::telegram
