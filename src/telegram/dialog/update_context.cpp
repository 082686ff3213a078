#include "telegram/dialog/update_context.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "queue/api_tasks.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/store/buttons.hpp"
#include "telegram/store/inbox.hpp"
#include "telegram/store/outbox.hpp"

#include <algorithm>
#include <iterator>

#include <boost/json.hpp>

namespace persais::telegram {

namespace json = boost::json;

namespace {

send_options answering(const update_context& t) {
    return {.answer_to = t.message != 0 ? std::optional(t.message) : std::nullopt};
}

/// The row has chat and topic, so the body needs none.
json::object placeless(json::object body) {
    body.erase("chat_id");
    body.erase("message_thread_id");
    return body;
}

json::object message_body(const update_context& t, const styled& text, const keyboard& keys) {
    return placeless(send_message({t.where.chat, std::nullopt}, text, keys, answering(t)));
}

json::object remember(task_id of, int turn, std::string_view kind) {
    return {{"task", of.value}, {"turn", turn}, {"kind", kind}};
}

} // namespace

reader update_context::reads() const {
    return {tongue, alone && may == role::admin};
}

void update_context::say(phrase p, std::initializer_list<filling> with_words, const keyboard& keys) {
    send(telegram::say(reads(), p, with_words), keys);
}

std::string update_context::say_plainly(phrase p, std::initializer_list<filling> with_words) const {
    return say_plain(reads(), p, with_words);
}

void update_context::send(const styled& text, const keyboard& keys) {
    auto all = parts(text);
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto body = message_body(*this, all[i], i + 1 == all.size() ? keys : keyboard());
        json::object request{{"method", "sendMessage"}, {"body", std::move(body)}};
        write(telegram::add_outgoing(where.chat, where.topic, json::serialize(request)));
    }
}

void update_context::send(const outgoing& what) {
    keyboard keys;
    for (const auto& row : what.rows) {
        auto& made = keys.emplace_back();
        for (const auto& b : row)
            if (b.address.empty())
                made.push_back(button(b.label, {.action = std::string(to_string(b.what)),
                                                .argument = b.argument,
                                                .task = b.task,
                                                .once = works_once(b.what)}));
            else
                made.push_back({.label = b.label, .data = {}, .url = b.address});
    }
    send(what.text, keys);
}

void update_context::send_of_task(task_id of, int turn, std::string_view kind, const styled& text,
                                  const keyboard& keys) {
    json::object request{{"method", "sendMessage"},
                         {"body", message_body(*this, truncated(text), keys)},
                         {"remember", remember(of, turn, kind)}};
    write(telegram::add_outgoing(where.chat, where.topic, json::serialize(request), of));
}

void update_context::send_to(std::int64_t chat, const styled& text, const keyboard& keys) {
    json::object request{{"method", "sendMessage"},
                         {"body", placeless(send_message({chat, std::nullopt}, text, keys))}};
    write(telegram::add_outgoing(chat, 0, json::serialize(request)));
}

void update_context::send_sealed(const styled& text, const keyboard& keys) {
    auto body = secret(json::serialize(message_body(*this, text, keys)));
    json::object request{{"method", "sendMessage"}, {"sealed", to_hex(with.sealing().shut(body, sealed_message))}};
    write(telegram::add_outgoing(where.chat, where.topic, json::serialize(request)));
}

void update_context::take_back() {
    write(telegram::forget_body(one.what.id));
    json::object request{{"method", "deleteMessage"}, {"body", {{"message_id", message}}}};
    write(telegram::add_outgoing(where.chat, where.topic, json::serialize(request)));
    message = 0; // there is nothing to answer to any more
}

void update_context::send_file(task_id of, std::string name, std::string_view bytes, const styled& caption) {
    auto body = placeless(send_document({where.chat, std::nullopt}, caption, {}, answering(*this)));
    json::object request{{"method", "sendDocument"},
                         {"body", std::move(body)},
                         {"file", {{"name", std::move(name)}, {"hex", to_hex(bytes)}}},
                         {"remember", remember(of, 0, "other")}};
    write(telegram::add_outgoing(where.chat, where.topic, json::serialize(request), of));
}

key update_context::button(std::string label, button_action what) {
    return button_of(where.chat, std::move(label), std::move(what));
}

key update_context::button_of(std::int64_t chat, std::string label, button_action what) {
    auto made = telegram::new_button(chat, std::move(what.action), std::move(what.argument), what.task, what.once);
    buttons.push_back(made);
    return {.label = std::move(label), .data = made.token};
}

key update_context::button(phrase label, button_action what) {
    return button(say_plainly(label), std::move(what));
}

void update_context::write(std::vector<store::statement> some) {
    std::ranges::move(some, std::back_inserter(out.writes));
}

void update_context::then(std::function<void()> what) {
    out.then = [first = std::move(what), rest = std::move(out.then)] {
        first();
        if (rest) rest();
    };
}

effect update_context::finish() {
    auto whole = std::move(out);
    if (!buttons.empty()) whole.writes.push_back(telegram::add_buttons(buttons));
    return whole;
}

store::statement seen(const person& who) {
    return telegram::see_person({who.id, one_line(who.first_name, 64), text::cut(who.language, 16)});
}

language language_of(const person& who, const std::string& chosen) {
    return language_from(chosen.empty() ? who.language : chosen);
}

awaitable<role> role_for(update_context& t, task_id what) {
    if (t.known.grants.empty()) co_return t.may; // the same everywhere
    auto found = co_await t.with.tasks.load(what);
    co_return found ? t.role_at(found->task.what.remote) : t.may;
}

std::optional<phrase> why_not_give(role here) {
    auto may = service::may_give(here);
    if (may) return std::nullopt;
    return may.error().why == service::refusal::reason::readers_only ? phrase::readers_only : phrase::no_role_here;
}

const std::string& remote_here(const update_context& t) {
    return t.known.chosen ? t.known.chosen->remote : t.with.settings.git_remote_url;
}

bool may_choose_here(update_context& t, std::string_view remote) {
    auto why = t.alone ? std::nullopt : why_not_give(t.role_at(remote));
    if (why) t.say(*why);
    return !why;
}

awaitable<relation> relation_of(update_context& t, task_id what) {
    auto here = co_await role_for(t, what);
    auto home = co_await telegram::home_of(t.with.db, what);
    auto asked_by = home ? std::optional(home->person) : co_await queue::giver_of(t.with.db, what);
    auto made = service::relation_to(here, t.who.id, asked_by, home && home->where.chat == t.where.chat);
    if (made != relation::none || t.may == role::stranger) co_return made;
    if (t.known.grants.empty() && t.with.settings.deploy_rules.empty()) co_return made;
    auto found = co_await t.with.tasks.load(what);
    if (!found) co_return made;
    std::vector<std::string> given;
    for (const auto& each : t.known.grants)
        given.push_back(each.repository);
    co_return service::relation_at(found->task.what.remote, here, t.who.id, asked_by, false, given, t.with.settings);
}

} // namespace persais::telegram
