#include "cli/token_words.hpp"

#include "base/text.hpp"
#include "cli/task_words.hpp"
#include "cli/tongue.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace json = boost::json;

namespace {

std::string person_of(const queue::api_token& one) {
    return one.person ? std::to_string(*one.person) : std::string("terminal");
}

std::string state_of(const queue::api_token& one, time_point now) {
    if (one.revoked) return said<"revoked {}", "отозван {}">(day_and_time(*one.revoked));
    if (one.expires && *one.expires <= now) return said<"expired {}", "истёк {}">(day_and_time(*one.expires));
    auto used =
        one.used ? said<"used {}", "использован {}">(age(*one.used, now)) : said<"never used", "не использован">();
    return one.expires ? said<"{}, expires {}", "{}, истекает {}">(used, day_and_time(*one.expires)) : used;
}

json::value maybe(const std::optional<time_point>& at) {
    return at ? json::value(stamp(*at)) : json::value();
}

} // namespace

std::string token_words(const std::vector<queue::api_token>& all, time_point now) {
    if (all.empty())
        return said<"There are no tokens: `persais token add NAME --scope read,submit` makes one.\n",
                    "Токенов нет: создать — `persais token add ИМЯ --scope read,submit`.\n">();
    std::string out;
    for (const auto& each : all)
        out += fmt::format("{}  {}  {}  {}  {}\n", each.id, text::printable(each.name), person_of(each),
                           fmt::join(each.scopes, ","), state_of(each, now));
    return out;
}

json::object token_json(const queue::api_token& one) {
    return {{"event", "token"},
            {"id", one.id},
            {"name", one.name},
            {"person", person_of(one)},
            {"scopes", json::array(one.scopes.begin(), one.scopes.end())},
            {"made_by", one.made_by},
            {"made", stamp(one.made)},
            {"expires", maybe(one.expires)},
            {"used", maybe(one.used)},
            {"revoked", maybe(one.revoked)}};
}

} // namespace persais::cli
