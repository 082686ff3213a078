#include "telegram/dialog/repository_settings.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "service/repositories.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/store/inbox.hpp"

#include <algorithm>
#include <array>

namespace persais::telegram {

namespace {

using std::string_view;

constexpr std::array<string_view, 6> known_words{"show", "set", "unset", "remove", "token", "env"};

std::string cut_word(string_view& rest) {
    rest = text::trim(rest);
    auto end = std::min(rest.find_first_of(" \n\t"), rest.size());
    auto word = std::string(rest.substr(0, end));
    rest = text::trim(rest.substr(end));
    return word;
}

/// A sentence of the rules, which are the same for a terminal.
void refuse(update_context& t, const service::refusal& why) {
    t.send(plain(in(t.tongue, why.sentence).value_or(why.sentence)));
}

/// Writes the statement with the answer to it.
void carry_out(update_context& t, service::answer<store::statement> what, phrase done,
               std::initializer_list<filling> words) {
    if (!what) return refuse(t, what.error());
    t.write(std::move(*what));
    t.say(done, words);
}

void show(update_context& t, const queue::repository& one) {
    styled text = bold(one.name) + plain("\n") + code(one.remote);
    for (const auto& each : service::settings_of(one))
        text += plain("\n" + each.name + ": ") +
                (each.value.empty() ? plain("–") : code(one_line(each.value, limits::setting_characters)));
    std::string names;
    for (const auto& each : one.environment)
        names += (names.empty() ? "" : ", ") + each.name;
    text +=
        plain("\n") + telegram::say(t.tongue, phrase::repo_secrets,
                                    {{"token", one.sealed_token ? "✓" : "–"}, {"names", names.empty() ? "–" : names}});
    t.send(text);
}

bool is_variable(string_view name) {
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// Whether the words say more than names, so that what was mistyped may be a secret: it stands in the chat then, and
/// no answer may repeat it.
bool may_hold_secret(string_view words) {
    auto of = lower_case(cut_word(words)), name = cut_word(words);
    if (of != "token" && of != "env") { // in the wrong order: /repo NAME token …
        bool known = std::ranges::find(known_words, of) != known_words.end();
        auto second = lower_case(name);
        return !known && (second == "token" || second == "env") && !words.empty();
    }
    if (of == "token") return !words.empty() && words != "remove";
    auto action = cut_word(words);
    return !(action.empty() || action == "set" || action == "unset") || !is_variable(words);
}

/// The next message of the person is the secret. `key`: empty: the token; else a variable.
void ask_for_secret(update_context& t, const queue::repository& one, const std::string& key) {
    if (!t.alone) {
        t.say(phrase::token_only_alone);
        return;
    }
    t.write(telegram::expect(t.where, expected(t, "repo_secret", {{"name", one.name}, {"key", key}})));
    auto what = key.empty() ? t.say_plainly(phrase::repo_its_token) : key;
    t.say(phrase::repo_ask_secret, {{"what", what}, {"repository", one.name}},
          {{t.button(phrase::button_cancel, {"dialog", "cancel"})}});
}

void on_env(update_context& t, const queue::repository& one, string_view rest) {
    auto action = cut_word(rest), key = cut_word(rest);
    auto by = std::to_string(t.who.id);
    if (action.empty()) return show(t, one);
    if (action == "set") {
        if (auto may = service::may_be_variable(one, key); !may) return refuse(t, may.error());
        ask_for_secret(t, one, key);
    } else {
        carry_out(t, service::unset_variable(one, key, by), phrase::repo_unset,
                  {{"repository", one.name}, {"setting", key}});
    }
}

void on_token(update_context& t, const queue::repository& one, string_view rest) {
    if (rest == "remove") {
        carry_out(t, service::take_token(one, std::to_string(t.who.id)), phrase::repo_unset,
                  {{"repository", one.name}, {"setting", t.say_plainly(phrase::repo_its_token)}});
    } else {
        ask_for_secret(t, one, "");
    }
}

awaitable<void> on_word(update_context& t, std::string word, const queue::repository& one, std::string rest) {
    string_view left = rest;
    auto by = std::to_string(t.who.id);
    if (word == "show") {
        show(t, one);
    } else if (word == "set") {
        auto key = cut_word(left);
        carry_out(t, service::set_repository(one, key, left, by), phrase::repo_set,
                  {{"repository", one.name}, {"setting", key}, {"value", one_line(left, limits::setting_characters)}});
    } else if (word == "unset") {
        auto key = cut_word(left);
        carry_out(t, service::unset_repository(one, key, by), phrase::repo_unset,
                  {{"repository", one.name}, {"setting", key}});
    } else if (word == "remove") {
        carry_out(t, co_await service::remove_repository(t.with.db, one, by), phrase::repo_removed,
                  {{"repository", one.name}});
    } else if (word == "token") {
        on_token(t, one, left);
    } else {
        on_env(t, one, left);
    }
}

} // namespace

awaitable<bool> on_repository_word(update_context& t, std::string rest) {
    string_view left = rest;
    auto word = cut_word(left);
    bool secret_said = may_hold_secret(rest);
    if (!secret_said && std::ranges::find(known_words, word) == known_words.end()) co_return false;
    auto name = cut_word(left);
    if (secret_said) t.take_back(); // whatever the rest is: whose secret it is does not matter
    if (t.may != role::admin) {
        t.say(phrase::admin_only);
    } else if (secret_said) {
        t.say(phrase::repo_secret_apart);
    } else if (name.empty()) {
        t.say(phrase::repo_words);
    } else if (auto one = co_await queue::repository_named(t.with.db, name)) {
        co_await on_word(t, std::move(word), *one, std::string(left));
    } else {
        t.say(phrase::repo_unknown, {{"name", one_line(name, 80)}});
    }
    co_return true;
}

bool awaits_secret(const update_context& t) {
    auto e = expectation_of(t);
    return e && e->what == "repo_secret";
}

awaitable<void> take_repository_secret(update_context& t, secret said) {
    t.take_back();
    if (!t.alone) {
        t.say(phrase::token_only_alone);
        co_return;
    }
    auto asked = expectation_of(t)->kept;
    auto name = text_in(asked, "name"), key = text_in(asked, "key");
    auto one = co_await queue::repository_named(t.with.db, name);
    if (!one) {
        t.write(telegram::expect(t.where, ""));
        t.say(phrase::repo_unknown, {{"name", name}});
        co_return;
    }
    auto by = std::to_string(t.who.id);
    auto statement = key.empty() ? service::give_token(*one, said, t.with.sealing(), by)
                                 : service::set_variable(*one, key, said, t.with.sealing(), by);
    if (!statement) { // asked again, because the question stands
        refuse(t, statement.error());
        co_return;
    }
    t.write(telegram::expect(t.where, ""));
    carry_out(t, std::move(statement), phrase::repo_secret_saved,
              {{"what", key.empty() ? t.say_plainly(phrase::repo_its_token) : key}, {"repository", name}});
    if (key.empty()) t.then([&with = t.with, remote = one->remote, said] { with.remotes.keep_token(remote, said); });
}

} // namespace persais::telegram
