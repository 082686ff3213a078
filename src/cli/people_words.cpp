#include "cli/people_words.hpp"

#include "base/text.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t name_most = 40; // columns

std::string rights_of(const queue::team_member& who) {
    std::vector<std::string> all;
    if (who.paired) all.push_back(said<"admin (by the one-time code)", "admin (по одноразовому коду)">());
    if (who.let_in) all.push_back(said<"member (let in)", "member (впущен)">());
    for (const auto& each : who.grants)
        all.push_back(each.repository.empty() ? each.role : fmt::format("{} ({})", each.role, each.repository));
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string names_of(const queue::team_member& who) {
    std::vector<std::string> all;
    for (const auto& each : who.known_as)
        all.push_back(each.kind == each.id ? said<"this database's terminal", "терминал этой базы данных">()
                                           : fmt::format("{}: {}", each.kind, each.id));
    return fmt::format("{}", fmt::join(all, ", "));
}

} // namespace

std::string people_words(const std::vector<queue::team_member>& all, const config::settings& settings) {
    std::string out;
    for (auto id : settings.telegram_admin_ids)
        out += fmt::format("{}  admin (TELEGRAM_ADMIN_IDS)\n", id);
    for (const auto& each : all) {
        auto name = each.name.empty() ? "" : "  " + fit(text::printable(each.name), name_most);
        auto rights = rights_of(each), names = names_of(each);
        out += fmt::format("{}{}{}{}\n", each.id, name, rights.empty() ? "" : "  " + text::printable(rights),
                           names.empty() ? "" : "  [" + text::printable(names) + "]");
    }
    if (out.empty())
        return said<
            "Nobody yet: TELEGRAM_ADMIN_IDS names admins, `persais people invite` lets somebody in.\n",
            "Пока никого: администраторов называет TELEGRAM_ADMIN_IDS, доступ даёт `persais people invite`.\n">();
    return out;
}

} // namespace persais::cli
