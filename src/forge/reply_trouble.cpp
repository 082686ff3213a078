#include "forge/reply_trouble.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/limits.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <boost/json/array.hpp>

namespace persais::forge {

namespace json = boost::json;

namespace {

/// Texts at any depth, in their order: `message` is a text, a list, or an object of lists by member.
void collect(const json::value& from, std::string& into) {
    if (const auto* text = from.if_string()) {
        if (!text->empty() && !into.contains(std::string_view(*text)))
            into.append(into.empty() ? "" : ": ").append(*text);
    } else if (const auto* list = from.if_array()) {
        for (const auto& each : *list)
            collect(each, into);
    } else if (const auto* object = from.if_object()) {
        for (const auto& [name, each] : *object)
            collect(each, into);
    }
}

std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc() || end != text.data() + text.size() || n < 0) return std::nullopt;
    return std::min(std::chrono::seconds(n), limits::forge_retry_most);
}

trouble moved_away(const forge_words& forge) {
    return {trouble::kind::denied,
            told<"{} says that the repository was renamed or moved: set GIT_REMOTE_URL to its new address.",
                 "{} говорит, что репозиторий переименован или перенесён: задайте в GIT_REMOTE_URL его новый адрес.">(
                forge.name)};
}

} // namespace

std::string words_in(const json_api::reply& came) {
    std::string words;
    if (const auto* body = came.body.if_object())
        for (const auto* name : {"message", "error_description", "errors", "error"})
            if (const auto* said = body->if_contains(name); said && (words.empty() || name != std::string("error")))
                collect(*said, words);
    while (words.ends_with('.'))
        words.pop_back();
    return text::cut(text::printable(words), limits::forge_words_bytes);
}

trouble trouble_in(const forge_words& forge, const json_api::reply& came, const std::string& doing) {
    constexpr int moved_permanently = 301, bad_request = 400, forbidden = 403, not_found = 404, not_allowed = 405,
                  too_many = 429, server = 500;
    const auto words = words_in(came);
    const auto retry = seconds_in(http::header(came.fields, "Retry-After"));
    if (came.status == too_many || (came.status == forbidden && retry))
        return {trouble::kind::away,
                told<"{} takes no more requests of this token for now; it is asked again.",
                     "{} пока не принимает больше запросов с этим токеном; запрос повторится.">(forge.name),
                retry ? retry : limits::forge_retry_default};
    if (came.status >= server)
        return {
            trouble::kind::away,
            told<"{} answers {}; it is asked again.", "{} отвечает {}; запрос повторится.">(forge.name, came.status),
            retry};
    if ((came.status >= moved_permanently && came.status < bad_request) ||
        (came.status == not_allowed && words.contains("moved projects")))
        return moved_away(forge);
    if (came.status == forbidden)
        return {trouble::kind::denied,
                told<"{} does not let this token {}: {}. {}", "{} не даёт этому токену {}: {}. {}">(
                    forge.name, doing, words.empty() ? "403" : words, forge.needs)};
    if (came.status == not_found)
        return {trouble::kind::denied,
                told<"{} does not show this token what it needs to {} (404): the repository is gone or renamed, or the "
                     "token lost its right to it.",
                     "{} не показывает этому токену то, что нужно, чтобы {} (404): репозиторий удалён или "
                     "переименован, или токен потерял право на него.">(forge.name, doing)};
    return {trouble::kind::refused,
            told<"{} does not {} ({}): {}.", "{} отказывается {} ({}): {}.">(forge.name, doing, came.status, words)};
}

trouble trouble_of(const forge_words& forge, const refusal& why) {
    if (why.what == refusal::kind::unreached) return {trouble::kind::away, why.sentence};
    return {trouble::kind::denied, told<"{} does not know the token any more: it is wrong, expired or revoked.",
                                        "{} больше не знает этот токен: он неверен, истёк или отозван.">(forge.name)};
}

trouble no_answer(const forge_words& forge) {
    return {trouble::kind::away, told<"{} answers something else than it was asked for; it is asked again.",
                                      "{} отвечает не то, о чём спросили; запрос повторится.">(forge.name)};
}

std::optional<time_point> any_time_in(std::string_view text) {
    std::tm when{};
    const std::string copy(text);
    const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &when);
    if (!rest) return std::nullopt;
    time_point at(std::chrono::seconds(::timegm(&when)));
    std::string_view zone(rest);
    if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
    if (zone == "Z") return at;
    int hours = 0, minutes = 0;
    char sign = 0;
    if (std::sscanf(std::string(zone).c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3) return std::nullopt;
    if (sign != '+' && sign != '-') return std::nullopt;
    const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return sign == '+' ? at - offset : at + offset;
}

} // namespace persais::forge
