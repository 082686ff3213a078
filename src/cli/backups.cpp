#include "cli/backups.hpp"

#include "backup/manifest.hpp"
#include "base/text.hpp"
#include "cli/tongue.hpp"
#include "i18n/format.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

std::string backup_list(const std::vector<backup::stored>& all, const std::string& where, time_point now) {
    if (all.empty()) return said<"There are no backups at {}.\n", "Резервных копий в {} нет.\n">(where);
    std::string out;
    for (const auto& each : all) {
        auto at = backup::time_in(each.name).value_or(time_point());
        auto age = std::chrono::duration_cast<std::chrono::seconds>(now - at);
        out += fmt::format("{}  {}  {}\n", each.name, i18n::ago(tongue(), age), i18n::size(tongue(), each.bytes));
    }
    return out;
}

std::string backup_words(const queue::backup_state& s) {
    std::string out;
    if (!s.name.empty())
        out += said<"Backup: {}, {} ({}).\n", "Резервная копия: {}, {} ({}).\n">(
            i18n::ago(tongue(), s.age), i18n::size(tongue(), static_cast<std::uint64_t>(s.bytes)), s.name);
    if (!s.why.empty())
        out += said<"The newest backup failed: {}\n", "Последняя резервная копия не удалась: {}\n">(
            text::printable(in_tongue(s.why)));
    return out;
}

boost::json::object backup_json(const queue::backup_state& s) {
    return {
        {"name", s.name}, {"age_seconds", s.name.empty() ? -1 : s.age.count()}, {"bytes", s.bytes}, {"failed", s.why}};
}

} // namespace persais::cli
