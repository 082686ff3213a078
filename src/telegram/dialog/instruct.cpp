#include "telegram/dialog/instruct.hpp"

#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "queue/add_task.hpp"
#include "service/models.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/limits.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/ranges.h>

namespace persais::telegram {

namespace {

using telegram::conversation_state;
using telegram::heard_part;

/// Between two parts.
constexpr std::string_view gap = "\n\n";

/// Two of Telegram's dates.
bool close(std::int64_t one, std::int64_t other) {
    return std::chrono::seconds(std::abs(one - other)) <= limits::said_together;
}

void remember_refusal(update_context& t, std::int64_t said_at) {
    t.write(telegram::refused_here(t.where, t.who.id, {said_at, t.one.received}));
}

/// More was said than an instruction may have. Nothing of it is worked on: what there is of it is only a piece.
void withdraw(update_context& t, std::int64_t said_at, task_id what, std::optional<int> turn) {
    t.out.name = "refused";
    t.write(telegram::withdraw(what, turn, t.where));
    remember_refusal(t, said_at);
}

using parts_with_words = std::vector<std::pair<telegram::message_part, std::string>>;

void join(update_context& t, std::int64_t said_at, const parts_with_words& parts,
          const conversation_state::open_task& with) {
    auto length = with.characters;
    for (const auto& each : parts)
        length += gap.size() + text::characters(each.second);
    if (!service::fits(length)) {
        withdraw(t, said_at, with.id, with.turn);
        return;
    }
    t.out.name = "joined";
    for (const auto& [which, words] : parts) {
        telegram::next_part part{t.where, which.message, words, {said_at, t.one.received}};
        t.write(with.turn ? telegram::join_turn(with.id, *with.turn, part, limits::said_together)
                          : telegram::join_task(with.id, part, limits::said_together));
    }
}

/// The parts of an instruction that have words.
parts_with_words taken_apart(const instruction& said) {
    parts_with_words all;
    std::string_view rest = said.text;
    for (const auto& each : parts_of(said)) {
        auto words = text::first_characters(rest, each.characters);
        rest.remove_prefix(words.size());
        if (words.empty()) continue;
        if (rest.starts_with(gap)) rest.remove_prefix(gap.size());
        all.emplace_back(each, std::move(words));
    }
    return all;
}

/// Another part of the instruction that waits for the choice of its repository, which was asked for already. False: it
/// is none.
bool join_what_waits(update_context& t, const instruction& said) {
    auto waits = kept_instruction(t, "wish");
    if (!waits || !together(t, said.said_at, {waits->said_at, waits->heard_at})) return false;
    *waits = merged(*waits, said);
    if (!service::fits(text::characters(waits->text))) {
        t.write(telegram::expect(t.where, ""));
        refuse_long_instruction(t, said.said_at);
        return true;
    }
    t.out.name = "joined";
    t.write(telegram::expect(t.where, expected_instruction(t, "wish", *waits)));
    return true;
}

/// It is not known which repository the instruction is about: the person chooses one, and the task is begun then.
awaitable<void> ask_where(update_context& t, const instruction& said) {
    t.out.name = "answer";
    auto all = co_await telegram::repositories(t.with.db);
    if (all.empty()) {
        refuse_instruction(t, said.said_at, phrase::no_repository);
        co_return;
    }
    keyboard keys;
    for (const auto& r : all)
        if (keys.size() < limits::buttons_shown) keys.push_back({t.button(r.name, {"repo", std::to_string(r.id)})});
    t.write(telegram::expect(t.where, expected_instruction(t, "wish", said)));
    t.say(phrase::which_repository, {}, keys);
}

/// An answer to an old message says how old it is.
void mind_age(update_context& t, const instruction& said) {
    auto age = t.with.time.now() - time_point(std::chrono::seconds(said.said_at));
    if (age > limits::update_old)
        t.say(phrase::old_message, {{"time", span(t.tongue, std::chrono::duration_cast<std::chrono::seconds>(age))}});
}

} // namespace

bool together(const update_context& t, std::int64_t said_at, const heard_part& with) {
    return close(said_at, with.said_at) && t.one.received - with.heard_at <= limits::said_together;
}

std::vector<telegram::message_part> parts_of(const instruction& said) {
    if (!said.parts.empty()) return said.parts;
    return {{said.message, text::characters(said.text)}};
}

instruction merged(const instruction& one, const instruction& other) {
    auto whole = one.message < other.message ? one : other;
    const auto& second = one.message < other.message ? other : one;
    auto all = taken_apart(one);
    std::ranges::move(taken_apart(other), std::back_inserter(all));
    std::ranges::sort(all, {}, [](const auto& each) { return each.first.message; });
    whole.text.clear();
    whole.parts.clear();
    for (const auto& [part, words] : all) {
        whole.text += (whole.text.empty() ? "" : std::string(gap)) + words;
        whole.parts.push_back(part);
    }
    if (second.what == mechanic::order::kind::question) whole.what = second.what;
    whole.said_at = std::max(one.said_at, other.said_at);
    whole.message = second.message;
    if (!whole.to) whole.to = second.to;
    whole.words = one.words || other.words;
    whole.unread = one.unread || other.unread;
    return whole;
}

bool too_long_with_open(const update_context& t, const instruction& said) {
    return t.known.open && !service::fits(t.known.open->characters + gap.size() + text::characters(said.text));
}

void refuse_instruction(update_context& t, std::int64_t said_at, phrase why, std::initializer_list<filling> words) {
    t.out.name = "refused";
    t.say(why, words);
    remember_refusal(t, said_at);
}

void refuse_long_instruction(update_context& t, std::int64_t said_at) {
    refuse_instruction(t, said_at, phrase::instruction_long, {{"most", limits::instruction_characters}});
}

bool follows_refused(update_context& t, std::int64_t said_at) {
    // When it came does not count: the rest of a text may come only after a restart, and nobody answers our sentence
    // within this time.
    if (!t.known.refused_at || !close(said_at, *t.known.refused_at)) return false;
    t.out.name = "refused";
    remember_refusal(t, said_at);
    return true;
}

bool asks_for_nothing(update_context& t, std::int64_t said_at, const std::string& text) {
    if (service::asks_for_something(text)) return false;
    if (t.known.open && together(t, said_at, t.known.open->newest)) return false;
    t.out.name = "answer";
    t.say(phrase::nothing_asked);
    return true;
}

bool joins_reply(update_context& t, std::int64_t said_at, task_id to, const std::string& text) {
    if (!t.known.open || t.known.open->id != to || !together(t, said_at, t.known.open->newest)) return false;
    join(t, said_at, {{{t.message, text::characters(text)}, text}}, *t.known.open);
    return true;
}

awaitable<task_id> place_order(update_context& t, const mechanic::order& order,
                               std::vector<telegram::message_part> parts, std::optional<std::int64_t> said_at,
                               std::string repository, std::string conversation) {
    auto id = co_await queue::reserve_task(t.with.db);
    auto wait = said_at ? std::chrono::milliseconds(limits::said_together) : std::chrono::milliseconds(0);
    t.write(queue::add_statement(id, order, wait, conversation));
    t.write(telegram::task_from_chat(id,
                                     {.where = t.where,
                                      .person = t.who.id,
                                      .message = parts.back().message,
                                      .language = std::string(to_string(t.tongue)),
                                      .said_at = said_at,
                                      .heard_at = t.one.received},
                                     parts));
    auto first = telegram::say(t.tongue, phrase::task_head, {{"task", id.value}, {"repository", repository}}) +
                 plain("\n") + telegram::say(t.tongue, phrase::queued_next);
    t.send_of_task(id, 0, "progress", first,
                   {{t.button(phrase::button_abort, {.action = "abort", .task = id, .once = true})}});
    co_return id;
}

awaitable<void> begin_task(update_context& t, const instruction& said, std::optional<telegram::repository> in) {
    if (auto why = why_not_give(t.role_at(in ? in->remote : t.with.settings.git_remote_url))) {
        refuse_instruction(t, said.said_at, *why);
        co_return;
    }
    bool question = said.what == mechanic::order::kind::question;
    auto model = t.known.model;
    if (model && t.alone && !service::may_use(t.may, *model, t.with.settings)) { // where others write too, it is theirs
        t.say(phrase::model_not_allowed,
              {{"models", fmt::format("{}", fmt::join(service::models_for_users(t.with.settings), ", "))}});
        model.reset();
    }
    const auto remote = in ? in->remote : t.with.settings.git_remote_url;
    auto own = service::repository_at(t.with.repositories, remote);
    if (model && !service::allows_model(own.get(), *model)) {
        t.say(phrase::model_not_allowed, {{"models", fmt::format("{}", fmt::join(own->models, ", "))}});
        model.reset();
    }
    auto order = service::order_from({.what = said.what,
                                      .instruction = said.text,
                                      .remote = in ? in->remote : "",
                                      .model = model,
                                      .budget_usd = t.known.budget_usd,
                                      .asked_by = std::to_string(t.who.id)},
                                     t.with.settings, own.get());
    if (!order) { // the text was checked before; the settings lost their repository meanwhile
        t.out.name = "answer";
        t.say(phrase::no_repository);
        co_return;
    }
    t.out.name = question ? "question" : "task";
    mind_age(t, said);
    co_await place_order(t, *order, parts_of(said), said.said_at, in ? in->name : forge::short_name(order->remote));
}

awaitable<void> instruct(update_context& t, instruction said) {
    if (t.known.open && together(t, said.said_at, t.known.open->newest)) {
        if (auto why = why_not_give(co_await role_for(t, t.known.open->id))) {
            refuse_instruction(t, said.said_at, *why);
            co_return;
        }
        join(t, said.said_at, taken_apart(said), *t.known.open);
        co_return;
    }
    if (join_what_waits(t, said)) co_return;
    if (!service::instruction_from(said.text, said.what)) {
        refuse_long_instruction(t, said.said_at);
        co_return;
    }
    if (!service::may_wait(t.known.waiting, t.known.may_wait)) {
        refuse_instruction(t, said.said_at, phrase::too_many_waiting, {{"n", t.known.waiting}});
        co_return;
    }
    if (!t.known.chosen && t.with.settings.git_remote_url.empty())
        co_await ask_where(t, said);
    else
        co_await begin_task(t, said, t.known.chosen);
}

namespace {

/// The edit of an instruction that waits for its person. False: the message is none of that.
bool take_edit_of_waiting(update_context& t, const std::string& text) {
    for (const auto* what : {"wish", "held"}) {
        auto waits = kept_instruction(t, what);
        if (!waits || waits->message != t.message) continue;
        if (waits->text == text) return true; // only a link's preview or a reaction changed
        t.out.name = "answer";
        if (waits->parts.size() > 1) {
            t.say(phrase::edit_of_parts);
        } else if (!service::instruction_from(text)) {
            t.write(telegram::expect(t.where, ""));
            refuse_long_instruction(t, waits->said_at);
        } else {
            waits->text = text;
            waits->parts.clear();
            t.write(telegram::expect(t.where, expected_instruction(t, what, *waits)));
            t.say(phrase::edit_of_waiting);
        }
        return true;
    }
    return false;
}

} // namespace

awaitable<void> take_edit(update_context& t, std::string text) {
    t.out.name = "ignored";
    if (!text.empty() && take_edit_of_waiting(t, text)) co_return;
    auto task = co_await telegram::task_of_message(t.with.db, t.where.chat, t.message);
    auto home = task ? co_await telegram::home_of(t.with.db, *task) : std::nullopt;
    if (!home || home->person != t.who.id) co_return;
    auto found = co_await t.with.tasks.load(*task);
    if (!found || found->task.what.instruction == text) co_return; // only a link's preview or a reaction changed
    t.out.name = "answer";
    if (auto why = why_not_give(t.role_at(found->task.what.remote))) {
        t.say(*why);
        co_return;
    }
    bool whole = home->message == t.message && home->parts == 1;
    auto now = service::instruction_from(text);
    if (is_withdrawn(found->task)) {
        t.say(phrase::edit_of_withdrawn, {{"task", task->value}});
    } else if (home->begun || !whole) {
        t.say(phrase::edit_too_late, {{"task", task->value}});
    } else if (!now && now.error().why == service::refusal::reason::too_long) {
        t.write(telegram::withdraw(*task, std::nullopt, home->where));
    } else if (!now) {
        t.say(phrase::instruction_empty);
    } else {
        t.write(telegram::reword_task(*task, text));
        t.say(phrase::edit_taken, {{"task", task->value}});
    }
}

awaitable<void> drop_what_it_was(update_context& t, std::int64_t message) {
    for (const auto* what : {"wish", "held"})
        if (auto waits = kept_instruction(t, what); waits && waits->message == message)
            t.write(telegram::expect(t.where, ""));
    auto task = co_await telegram::task_of_message(t.with.db, t.where.chat, message);
    auto home = task ? co_await telegram::home_of(t.with.db, *task) : std::nullopt;
    if (home && home->person == t.who.id && home->message == message && home->parts == 1 && !home->begun)
        (void)co_await t.with.tasks.abort(*task); // decided again after a crash, it has ended
}

} // namespace persais::telegram
