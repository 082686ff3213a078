#include "service/api_tokens.hpp"

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "service/limits.hpp"
#include "service/people.hpp"

#include <algorithm>

namespace persais::service {

using enum refusal::reason;

namespace {

constexpr std::string_view prefix = "persais_"; // so that scanners for secrets can know one
constexpr std::size_t random_bytes_of_token = 32;
constexpr std::size_t word_characters = 43; // of so many random bytes

answer<void> may_be_wished(const wished_token& what) {
    if (what.name.empty() || text::trim(what.name) != what.name || !text::valid_utf8(what.name) ||
        text::printable(what.name) != what.name || what.name.contains('\n') ||
        text::characters(what.name) > limits::api_token_name_characters)
        return refuse(bad_setting,
                      told<"A token's name is one line of at most {} characters.",
                           "Имя токена — одна строка не длиннее {} знаков.">(limits::api_token_name_characters));
    if (what.scopes.empty() || !std::ranges::all_of(what.scopes, [](const auto& s) { return scope_named(s).has_value(); }))
        return refuse(bad_setting, told<"A token's scopes are some of read, submit, deploy and admin.",
                                        "Области токена — любые из read, submit, deploy и admin.">());
    if (what.valid && what.valid->count() <= 0)
        return refuse(
            bad_setting,
            told<"A token that has expired already is of no use.", "Токен, срок которого уже истёк, бесполезен.">());
    return {};
}

} // namespace

awaitable<answer<made_token>> make_api_token(store::pool& db, const config::settings& settings, wished_token what) {
    std::ranges::sort(what.scopes);
    what.scopes.erase(std::ranges::unique(what.scopes).begin(), what.scopes.end());
    if (auto ok = may_be_wished(what); !ok) co_return std::unexpected(ok.error());
    if (what.person && role_of(*what.person, settings, co_await load_known_people(db)) == role::stranger)
        co_return refuse(no_person, told<"Person {} has no right here, so a token of theirs would open nothing.",
                                         "У человека {} здесь нет прав, его токен ничего бы не открыл.">(*what.person));
    secret token(std::string(prefix) + random_word(random_bytes_of_token));
    auto digest = to_hex(sha256(token.reveal()));
    auto id = co_await queue::add_api_token(db, std::move(digest),
                                            {.name = std::move(what.name),
                                             .person = what.person,
                                             .scopes = std::move(what.scopes),
                                             .made_by = std::move(what.by)},
                                            what.valid);
    co_return made_token{id, std::move(token)};
}

bool has_form_of_api_token(std::string_view text) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return text.size() == word_characters && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_';
           });
}

// The token is looked for by its digest, which nobody can choose, so that the time that this takes tells nothing of
// the tokens that there are.
awaitable<std::optional<caller>> caller_with(store::pool& db, const config::settings& settings, secret shown) {
    if (!has_form_of_api_token(shown.reveal())) co_return std::nullopt;
    auto found = co_await queue::use_api_token(db, to_hex(sha256(shown.reveal())));
    if (!found) co_return std::nullopt;
    caller who{.token = found->id, .person = found->person};
    for (const auto& word : found->scopes)
        if (auto s = scope_named(word)) who.scopes.insert(*s);
    if (!who.person) co_return who;
    who.known = co_await load_known_people(db);
    if (who.everywhere(settings) == role::stranger) co_return std::nullopt;
    co_return who;
}

} // namespace persais::service
