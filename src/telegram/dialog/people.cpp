#include "telegram/dialog/people.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "queue/people.hpp"
#include "service/named_repositories.hpp"
#include "service/people.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/limits.hpp"
#include "telegram/inbound/limits.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/store/outbox.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace {

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t id = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
    return ec == std::errc() && end == text.data() + text.size() && id > 0 ? std::optional(id) : std::nullopt;
}

/// What an admin's press came to, as everybody's message says it who was asked.
phrase outcome_of(bool let_in) {
    return let_in ? phrase::access_let_in_by : phrase::access_kept_out_by;
}

/// The message that was pressed shows what was decided, and has no buttons any more.
void show_outcome(update_context& t, const styled& text) {
    auto body = edit_message_text(t.where.chat, t.message, text, {});
    body.erase("chat_id");
    boost::json::object request{{"method", "editMessageText"}, {"body", std::move(body)}};
    t.write(telegram::add_outgoing(t.where.chat, t.where.topic, boost::json::serialize(request)));
}

std::string own_name(const update_context& t) {
    return name_shown(one_line(t.who.first_name, 64));
}

} // namespace

awaitable<void> tell_who_asks(update_context& t, std::vector<std::int64_t> admins) {
    auto known = co_await telegram::find_people(t.with.db, admins);
    auto id = std::to_string(t.who.id);
    for (auto admin : admins) {
        auto found = std::ranges::find(known, admin, &telegram::known_person::id);
        reader to{language_from(found == known.end() ? "" : found->language), true};
        auto text = telegram::say(to, phrase::access_asked, {{"name", code(own_name(t))}, {"id", id}});
        t.send_to(admin, text,
                  {{t.button_of(admin, say_plain(to, phrase::button_let_in), {"let_in", id}),
                    t.button_of(admin, say_plain(to, phrase::button_keep_out), {"keep_out", id})}});
    }
}

awaitable<void> welcome_invited(update_context& t, std::int64_t maker) {
    t.say(phrase::access_granted);
    if (maker == 0) co_return; // it was made at a terminal
    auto by = co_await telegram::find_person(t.with.db, maker);
    reader to{language_from(by ? by->language : ""), true};
    t.send_to(maker,
              telegram::say(to, phrase::invite_used, {{"name", code(own_name(t))}, {"id", std::to_string(t.who.id)}}));
}

awaitable<std::string> decide_on_person(update_context& t, std::string person, bool let_in) {
    if (t.may != role::admin) co_return t.say_plainly(phrase::admin_only);
    auto id = number_of(person);
    auto who = id ? co_await telegram::find_person(t.with.db, *id) : std::nullopt;
    if (!who) co_return t.say_plainly(phrase::press_gone);
    auto name = name_shown(who->name);
    auto by = who->decided ? name_shown(who->decided_by) : own_name(t);
    auto outcome = outcome_of(who->decided ? who->let_in : let_in);
    show_outcome(t, telegram::say(t.reads(), outcome, {{"name", code(name)}, {"id", person}, {"by", code(by)}}));
    auto words = t.say_plainly(outcome, {{"name", name}, {"id", person}, {"by", by}});
    if (who->decided) co_return words;
    t.write(telegram::decide_on(*id, t.who.id, let_in));
    if (let_in) t.send_to(*id, telegram::say(language_from(who->language), phrase::access_granted));
    t.then([id = *id, by = t.who.id, let_in] {
        spdlog::info("{} was {} by {}", id, let_in ? "let in" : "not let in", by);
    });
    co_return words;
}

awaitable<std::string> put_person_out(update_context& t, std::string person) {
    if (t.may != role::admin) co_return t.say_plainly(phrase::admin_only);
    auto id = number_of(person);
    auto who = id ? co_await telegram::find_person(t.with.db, *id) : std::nullopt;
    auto begun = who ? co_await service::removal_of(t.with.db, t.with.settings, *id) : service::removal{};
    if (!begun.has_rights) {
        t.say(phrase::people_unknown, {{"given", one_line(person, 40)}});
        co_return "";
    }
    if (begun.last_admin) {
        t.say(phrase::people_admin_stays);
        co_return "";
    }
    t.write(queue::remove_person(*id, std::to_string(t.who.id), t.with.settings.telegram_admin_ids));
    bool stays = service::role_of(*id, t.with.settings, {}) != role::stranger; // the settings name them, too
    t.say(stays ? phrase::people_put_out_named : phrase::people_put_out,
          {{"name", code(name_shown(who->name))}, {"id", person}, {"n", begun.tasks}});
    t.then([id = *id, by = t.who.id, learn = t.learn_removal] {
        if (learn) learn(id);
        spdlog::info("{} was put out by {}", id, by);
    });
    co_return "";
}

namespace {

/// "123 deployer you/shop"
awaitable<void> give_role(update_context& t, std::string words) {
    auto rest = std::string_view(words);
    auto next = [&rest] {
        rest = text::trim(rest);
        auto word = rest.substr(0, rest.find_first_of(" \t\n"));
        rest.remove_prefix(word.size());
        return std::string(word);
    };
    auto person = next(), word = next(), where = next();
    auto id = number_of(person);
    auto given = service::role_named(word);
    if (!id || (!given && word != "none") || !text::trim(rest).empty()) {
        t.say(phrase::people_role_bad);
        co_return;
    }
    auto repository = co_await service::key_of_repository(t.with.db, t.with.settings, where, !given);
    if (!repository) {
        t.say(phrase::repo_unknown, {{"name", one_line(where, 80)}});
        co_return;
    }
    auto state = co_await service::role_change_of(t.with.db, t.with.settings, *id, *repository, given);
    if (!state.possible) {
        t.say(state.last_admin ? phrase::people_admin_stays : phrase::people_role_bad);
        co_return;
    }
    auto known = co_await telegram::find_person(t.with.db, *id);
    t.write(queue::set_role(*id, *repository, given ? std::optional(word) : std::nullopt, std::to_string(t.who.id),
                            t.with.settings.telegram_admin_ids));
    t.say(given ? phrase::people_role_set : phrase::people_role_gone,
          {{"name", code(name_shown(known ? known->name : ""))},
           {"id", person},
           {"role", word},
           {"repository", repository->empty() ? t.say_plainly(phrase::people_everywhere) : *repository}});
    t.then([id = *id, given, learn = t.learn_role, person, word, repository = *repository, by = t.who.id] {
        if (learn) learn(id, repository, given);
        spdlog::info("{} was made {} ({}) by {}", person, word, repository.empty() ? "everywhere" : repository, by);
    });
}

/// Who has a role that was given, a line for each.
awaitable<styled> role_lines(update_context& t) {
    styled all;
    int left = limits::buttons_shown;
    for (const auto& each : co_await queue::team(t.with.db)) {
        if (each.grants.empty() || left-- == 0) continue;
        std::string roles;
        for (const auto& one : each.grants)
            roles += (roles.empty() ? "" : ", ") + one.role +
                     (one.repository.empty() ? "" : " (" + one_line(one.repository, 64) + ")");
        all +=
            plain("\n") +
            telegram::say(t.reads(), phrase::people_role_line,
                          {{"name", code(name_shown(each.name))}, {"id", std::to_string(each.id)}, {"roles", roles}});
    }
    co_return all;
}

} // namespace

void on_link(update_context& t) {
    if (!t.alone) {
        t.say(phrase::link_private);
        return;
    }
    auto made = random_word(16);
    t.write(queue::add_link_code(telegram::invite_digest(made), t.who.id, limits::link_code_valid));
    t.send_sealed(telegram::say(t.reads(), phrase::link_made,
                                {{"n", std::chrono::minutes(limits::link_code_valid).count()}, {"code", code(made)}}),
                  {});
}

awaitable<void> on_people(update_context& t, std::string rest) {
    constexpr std::string_view remove = "remove ", role_word = "role";
    if (rest == role_word || rest.starts_with("role ")) {
        co_await give_role(t, rest.substr(role_word.size()));
        co_return;
    }
    if (rest.starts_with(remove)) {
        co_await put_person_out(t, std::string(text::trim(std::string_view(rest).substr(remove.size()))));
        co_return;
    }
    auto found = co_await telegram::people_let_in(t.with.db, limits::buttons_shown);
    std::vector<person_line> lines;
    for (auto& each : found.newest)
        lines.push_back({each.id, std::move(each.name), std::move(each.decided_by)});
    auto roles = co_await role_lines(t);
    if (!roles.text.empty()) t.send(telegram::say(t.reads(), phrase::people_roles_head) + roles);
    t.send(people_message(t.reads(), lines, found.all));
}

awaitable<void> on_invite(update_context& t) {
    auto hours = std::chrono::hours(limits::invite_valid).count();
    if (!t.alone) {
        t.say(phrase::invite_private);
        co_return;
    }
    if (auto open = co_await telegram::open_invites(t.with.db); open.size() >= limits::invites_open) {
        t.say(phrase::invite_enough, {{"n", open.size()}, {"hours", hours}});
        co_return;
    }
    auto code = random_word(16);
    auto digest = telegram::invite_digest(code);
    t.write(telegram::add_invite(digest, t.who.id, limits::invite_valid));
    auto link = fmt::format("https://t.me/{}?start={}", t.bot, code);
    t.send_sealed(
        telegram::say(t.reads(), phrase::invite_made, {{"n", hours}, {"link", link}}),
        {{t.button(phrase::button_drop_invite, {.action = "drop_invite", .argument = digest, .once = true})}});
}

awaitable<std::string> withdraw_invite(update_context& t, std::string digest) {
    if (t.may != role::admin) co_return t.say_plainly(phrase::admin_only);
    bool stands = (co_await telegram::maker_of_invite(t.with.db, digest)).has_value();
    if (stands) t.write(telegram::drop_invite(digest));
    auto outcome = stands ? phrase::invite_dropped : phrase::invite_gone;
    show_outcome(t, telegram::say(t.reads(), outcome));
    co_return t.say_plainly(outcome);
}

} // namespace persais::telegram
