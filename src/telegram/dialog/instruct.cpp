#include "telegram/dialog/instruct.hpp"

#include "mechanic/limits.hpp"
#include "queue/add_task.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/limits.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

namespace {

constexpr auto kib = limits::instruction_bytes / 1024;

/// Compares the times at which both were said, because messages that waited all come at once; and the times at which
/// they came, because Telegram's dates are whole seconds.
bool together(const update_context& t, const instruction& said, const telegram::conversation_state::open_task& with) {
    auto seconds = std::chrono::seconds(limits::said_together).count();
    // An older message that comes late was not said after it.
    return said.said_at >= with.said_at && said.said_at - with.said_at <= seconds &&
           t.one.received - with.heard_at <= limits::said_together;
}

void join(update_context& t, const instruction& said, const telegram::conversation_state::open_task& with) {
    t.out.name = "joined";
    if (!service::fits(with.bytes + 2 + said.text.size())) {
        t.say(phrase::joined_too_long, {{"most", kib}, {"task", with.id.value}});
        return;
    }
    if (with.turn)
        t.write(
            telegram::join_turn(with.id, *with.turn, said.text, said.said_at, t.one.received, limits::said_together));
    else
        t.write(telegram::join_task(with.id, said.text, said.said_at, t.one.received, limits::said_together));
    t.write(telegram::message_belongs(t.where, said.message, with.id));
}

std::optional<std::string> optional_text(const std::string& s) {
    return s.empty() ? std::nullopt : std::optional(s);
}

/// It is not known which repository the instruction is about: the person chooses one, and the task is begun then.
awaitable<void> ask_where(update_context& t, const instruction& said) {
    t.out.name = "answer";
    auto all = co_await telegram::repositories(t.with.db);
    if (all.empty()) {
        t.say(phrase::no_repository);
        co_return;
    }
    keyboard keys;
    for (const auto& r : all)
        if (keys.size() < limits::buttons_shown) keys.push_back({t.button(r.name, {"repo", std::to_string(r.id)})});
    t.write(telegram::expect(t.where, expected_instruction(t, said)));
    t.say(phrase::which_repository, {}, keys);
}

/// An answer to an old message says how old it is.
void mind_age(update_context& t, const instruction& said) {
    auto age = t.with.time.now() - time_point(std::chrono::seconds(said.said_at));
    if (age > limits::update_old)
        t.say(phrase::old_message, {{"time", span(t.tongue, std::chrono::duration_cast<std::chrono::seconds>(age))}});
}

} // namespace

void say_too_long(update_context& t, const std::string& text) {
    t.say(phrase::instruction_long, {{"size", text.size() / 1024 + 1}, {"most", kib}});
}

awaitable<task_id> place_order(update_context& t, const mechanic::order& order, std::int64_t message,
                               std::optional<std::int64_t> said_at, std::string repository, std::string conversation) {
    auto id = co_await queue::reserve_task(t.with.db);
    auto wait = said_at ? std::chrono::milliseconds(limits::said_together) : std::chrono::milliseconds(0);
    t.write(queue::add_statement(id, order, wait, conversation));
    t.write(telegram::task_from_chat(id, {.where = t.where,
                                          .person = t.who.id,
                                          .message = message,
                                          .language = std::string(to_string(t.tongue)),
                                          .said_at = said_at,
                                          .heard_at = t.one.received}));
    auto first = telegram::say(t.tongue, phrase::task_head, {{"task", id.value}, {"repository", repository}}) +
                 plain("\n") + telegram::say(t.tongue, phrase::queued_next);
    t.send_of_task(id, 0, "progress", first,
                   {{t.button(phrase::button_abort, {.action = "abort", .task = id, .once = true})}});
    co_return id;
}

awaitable<void> begin_task(update_context& t, const instruction& said, std::optional<telegram::repository> in) {
    bool question = said.what == mechanic::order::kind::question;
    auto order =
        service::order_from({.what = said.what,
                             .instruction = said.text,
                             .remote = in ? in->remote : "",
                             .base_branch = in ? in->base_branch : optional_text(t.with.settings.git_base_branch),
                             .check = in && !question ? in->check : std::nullopt,
                             .setup = in && !question ? in->setup : std::nullopt,
                             .model = t.known.model,
                             .budget_usd = t.known.budget_usd},
                            t.with.settings);
    if (!order) { // the text was checked before; the settings lost their repository meanwhile
        t.out.name = "answer";
        t.say(phrase::no_repository);
        co_return;
    }
    t.out.name = question ? "question" : "task";
    mind_age(t, said);
    co_await place_order(t, *order, said.message, said.said_at, in ? in->name : forge::short_name(order->remote));
}

awaitable<void> instruct(update_context& t, instruction said) {
    if (t.known.open && together(t, said, *t.known.open)) {
        join(t, said, *t.known.open);
        co_return;
    }
    if (!service::instruction_from(said.text, said.what)) {
        t.out.name = "answer";
        say_too_long(t, said.text);
        co_return;
    }
    if (!service::may_wait(t.known.waiting)) {
        t.out.name = "refused";
        t.say(phrase::too_many_waiting, {{"n", t.known.waiting}});
        co_return;
    }
    if (!t.known.chosen && t.with.settings.git_remote_url.empty())
        co_await ask_where(t, said);
    else
        co_await begin_task(t, said, t.known.chosen);
}

awaitable<void> take_edit(update_context& t, std::string text) {
    t.out.name = "ignored";
    auto task = co_await telegram::task_of_message(t.with.db, t.where.chat, t.message);
    auto home = task ? co_await telegram::home_of(t.with.db, *task) : std::nullopt;
    if (!home || home->person != t.who.id) co_return;
    auto found = co_await t.with.tasks.load(*task);
    if (!found || found->task.what.instruction == text) co_return; // only a link's preview or a reaction changed
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
