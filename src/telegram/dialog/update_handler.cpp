#include "telegram/dialog/update_handler.hpp"

#include "base/text.hpp"
#include "telegram/dialog/add_repository.hpp"
#include "telegram/dialog/callback_queries.hpp"
#include "telegram/dialog/command_handlers.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/held.hpp"
#include "telegram/dialog/instruct.hpp"
#include "telegram/dialog/second_factor.hpp"
#include "telegram/store/outbox.hpp"

#include <algorithm>

namespace persais::telegram {

namespace {

/// nullptr: the update comes from nobody who could have rights.
const person* speaker(const update& u) {
    const message* m = std::get_if<message>(&u.what);
    if (const auto* e = std::get_if<edited>(&u.what)) m = &e->now;
    if (m) return m->from && !m->behalf && !m->from->is_bot ? &*m->from : nullptr;
    if (const auto* p = std::get_if<callback_query>(&u.what)) return &p->from;
    return nullptr;
}

std::int64_t date_of(const arrived& one) {
    if (const auto* m = std::get_if<message>(&one.what.what)) return m->date;
    return std::chrono::duration_cast<std::chrono::seconds>(one.received.time_since_epoch()).count();
}

update_context context_of(const update_handler_dependencies& with, const arrived& one, const person& who, role may,
                          const message& m) {
    return {.with = with,
            .one = one,
            .who = who,
            .may = may,
            .where = {m.where.id, m.topic.value_or(0)},
            .alone = m.where.what == chat::kind::one_person,
            .message = m.id};
}

/// A command that is none, because it was forwarded or edited, is a text.
std::string words_of(const message& m, const addressed& said) {
    return std::string(text::trim(said.command ? std::string_view(m.text) : std::string_view(said.text)));
}

constexpr std::size_t albums_remembered = 100;

} // namespace

/// Reads what is known of the person and the conversation, and records that the person was seen. Who may do what is
/// what the database says, because another process may have let the person in or out.
awaitable<void> update_handler::meet(update_context& t, std::optional<std::int64_t> answered) {
    t.known = co_await telegram::load_conversation(t.with.db, t.where, t.who.id, answered);
    t.tongue = language_of(t.who, t.known.language);
    t.bot = me_.username;
    strangers_.learn(t.who.id, t.known.paired, t.known.let_in, t.known.grants);
    t.may = role_of(t.who.id);
    t.learn_removal = [this](std::int64_t person) { strangers_.learn(person, false, false); };
    t.learn_role = [this](std::int64_t person, const std::string& repository, std::optional<role> given) {
        strangers_.learn_role(person, repository, given);
    };
    t.may_in = [this, id = t.who.id](std::string_view remote) { return strangers_.role_in(id, remote); };
    if (t.may == role::stranger) co_return;
    t.write(seen(t.who));
    t.write(telegram::reopen(t.where));
}

awaitable<std::string> update_handler::begin() {
    auto line = co_await strangers_.begin();
    co_await go_on_trying(with_);
    co_return line;
}

awaitable<std::vector<std::int64_t>> update_handler::admins_now() {
    co_await strangers_.look_again();
    co_return admins();
}

/// A stranger's message is judged by what is known of strangers, so that is read again when there are any.
awaitable<void> update_handler::look_over(const arrived_page& page) {
    bool any = std::ranges::any_of(page, [&](const arrived& one) {
        const auto* who = speaker(one.what);
        return who && role_of(who->id) == role::stranger;
    });
    if (any) co_await strangers_.look_again();
}

std::optional<std::string> update_handler::turn_away(const update& u) const {
    if (const auto* o = std::get_if<other>(&u.what)) return o->understood ? "ignored" : "unreadable";
    if (std::holds_alternative<membership>(u.what)) return std::nullopt;
    const auto* m = std::get_if<message>(&u.what);
    if (m && (m->migrated_to || m->migrated_from)) return std::nullopt;
    if (m && !read_addressed(*m, me_)) return "ignored";
    const auto* who = speaker(u);
    if (who && role_of(who->id) != role::stranger) return std::nullopt;
    if (std::holds_alternative<callback_query>(u.what)) return std::nullopt; // a press has to be answered
    if (m && who && strangers_.may_hear(*m, who->id)) return std::nullopt;
    return "refused";
}

std::optional<update_handler::turned_away> update_handler::turn_away_at_the_door(const update& u) const {
    auto effect = turn_away(u);
    if (!effect) return std::nullopt;
    if (*effect != "refused") return turned_away{*effect};
    if (strangers_.pairing_is_open()) return std::nullopt;
    const auto* who = speaker(u);
    return turned_away{*effect, who ? who->id : 0};
}

std::optional<std::string> update_handler::dismiss(const arrived& one) {
    auto refused = [&] {
        if (with_.refused) with_.refused();
        return "refused";
    };
    if (auto effect = turn_away(one.what)) return effect == "refused" ? refused() : *effect;
    const auto* m = std::get_if<message>(&one.what.what);
    if (m && (m->migrated_to || m->migrated_from)) return std::nullopt; // a notice of Telegram's, which no person wrote
    const auto* who = speaker(one.what);
    if (!who) return std::nullopt;
    if (role_of(who->id) == role::stranger) { // a press, which has to be answered, or words that may be heard
        bool heard = !m || strangers_.hears(*m, who->id, one.what.id);
        return heard ? std::nullopt : std::optional<std::string>(refused());
    }
    switch (rate_limiter_.hear(who->id, one.what.id, date_of(one))) {
    case inbound_rate_limiter::verdict::fine:
        return std::nullopt;
    case inbound_rate_limiter::verdict::first_too_much:
        too_much_.insert(one.what.id);
        return std::nullopt;
    case inbound_rate_limiter::verdict::too_much:
        return "refused";
    }
    return std::nullopt;
}

effect update_handler::finished(update_context& t) {
    t.then([this, id = t.one.what.id] { too_much_.erase(id); });
    auto whole = t.finish();
    whole.then = [this, rest = std::move(whole.then)] {
        if (rest) rest();
        if (with_.wake_sender) with_.wake_sender();
        if (with_.wake_workers) with_.wake_workers();
    };
    return whole;
}

awaitable<effect> update_handler::decide(const arrived& one) {
    if (const auto* m = std::get_if<message>(&one.what.what)) return on_message(one, *m);
    if (const auto* e = std::get_if<edited>(&one.what.what)) return on_edit(one, e->now);
    if (const auto* p = std::get_if<callback_query>(&one.what.what)) return on_press(one, *p);
    return on_membership(std::get<membership>(one.what.what));
}

awaitable<effect> update_handler::on_message(const arrived& one, const message& m) {
    if (m.migrated_to) {
        co_await telegram::move_chat(with_.db, m.where.id, *m.migrated_to); // to repeat it is harmless
        co_return effect{.name = "command"};
    }
    const auto* who = speaker(one.what);
    if (!who) co_return effect{.name = "ignored"};
    auto t = context_of(with_, one, *who, role_of(who->id), m);
    co_await meet(t, m.reply ? std::optional(m.reply->id) : std::nullopt);
    if (t.may == role::stranger) {
        co_await strangers_.hear(t, m);
    } else if (too_much_.contains(one.what.id)) {
        t.out.name = "refused";
        t.say(phrase::flood);
    } else {
        co_await hear(t, m);
    }
    co_return finished(t);
}

/// The pictures of an album come as separate messages, and only one of them has the text.
bool update_handler::is_first_of_album(const message& m) {
    if (m.album.empty()) return true;
    if (std::ranges::find(albums_, m.album) != albums_.end()) return false;
    albums_.push_back(m.album);
    if (albums_.size() > albums_remembered) albums_.pop_front();
    return true;
}

awaitable<void> update_handler::hear(update_context& t, const message& m) {
    auto said = read_addressed(m, me_);
    if (!said) {
        t.out.name = "ignored";
        co_return;
    }
    bool question = said->command && !m.forwarded && said->command->what == command::ask;
    bool bare = question && said->command->rest.empty() && !m.attached && !m.reply && !m.elsewhere;
    if (said->command && !m.forwarded && (!question || bare)) {
        co_await handle_command(t, *said->command);
        co_return;
    }
    auto text = question ? said->command->rest : words_of(m, *said);
    if (!question && !m.attached && co_await take_code(t, text)) co_return;
    bool first = is_first_of_album(m);
    if (follows_refused(t, m.date)) co_return;
    if (question) {
        forget_question(t);
    } else if (auto e = expectation_of(t); e && e->what == "ask") {
        question = true;
        forget_question(t);
    } else if (m.attached && asks_in_dialog(t)) { // neither answer nor file is taken: the question stands
        t.out.name = "answer";
        if (awaits_any_secret(t)) t.take_back(); // the file or its caption may be the secret
        t.say(phrase::dialog_in_words);
        co_return;
    } else if (!text.empty() && co_await answer_expected(t, text)) {
        co_return;
    }
    auto whole = co_await read_whole(t, m, me_, text);
    if (whole.text.empty() && !whole.attached && whole.not_read.empty()) {
        t.out.name = "answer";
        t.say(phrase::instruction_empty);
        co_return;
    }
    if (!whole.attached && asks_for_nothing(t, m.date, text)) co_return;
    instruction meant{.text = std::move(whole.text), .said_at = m.date, .message = m.id, .to = t.known.answered_to};
    if (question) {
        meant.what = mechanic::order::kind::question;
        meant.to.reset();
    }
    meant.words = service::asks_for_something(text);
    co_await take_message(t, std::move(meant), whole, !first && m.attached->what != attachment::kind::document);
}

awaitable<effect> update_handler::on_edit(const arrived& one, const message& m) {
    const auto* who = speaker(one.what);
    auto said = read_addressed(m, me_);
    if (!who || !said) co_return effect{.name = "ignored"};
    auto t = context_of(with_, one, *who, role_of(who->id), m);
    co_await meet(t, m.reply ? std::optional(m.reply->id) : std::nullopt);
    if (t.may == role::stranger) { // who was put out rewords nothing any more
        t.out.name = "refused";
        co_return finished(t);
    }
    if (!m.attached && co_await take_code(t, words_of(m, *said))) { // which was typed wrong at first
        co_await drop_what_it_was(t, m.id);
        co_return finished(t);
    }
    auto whole = co_await read_whole(t, m, me_, words_of(m, *said));
    co_await take_edit(t, std::move(whole.text));
    co_return finished(t);
}

awaitable<effect> update_handler::on_press(const arrived& one, const callback_query& p) {
    update_context t{.with = with_, .one = one, .who = p.from, .may = role_of(p.from.id)};
    if (p.where) t.where = {p.where->id, p.topic.value_or(0)};
    t.alone = p.where && p.where->what == chat::kind::one_person;
    t.message = p.message.value_or(0);
    co_await meet(t, std::nullopt);
    if (t.may == role::stranger && with_.refused) with_.refused();
    bool flooded = too_much_.contains(one.what.id);
    co_await handle_callback_query(t, p, flooded);
    co_return finished(t);
}

/// We were blocked, or removed from a group: nothing can be sent there until somebody writes to us again.
awaitable<effect> update_handler::on_membership(const membership& m) const {
    bool gone = m.now == "kicked" || m.now == "left";
    if (!gone)
        co_return effect{.name = "command",
                         .writes = {telegram::reopen({m.where.id, 0})},
                         .then = with_.wake_sender}; // for what could not be sent meanwhile
    co_await telegram::close_chat(with_.db, m.where.id, "the bot was blocked or taken out");
    co_return effect{.name = "command"};
}

} // namespace persais::telegram
