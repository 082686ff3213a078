#include "cli/audit_table.hpp"

#include "base/text.hpp"
#include "base/unicode.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/task.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t cell_most = 40; // columns; names and words of a newer version may be longer

std::string happened(const std::string& what) {
    if (what == "deploy_asked") return said<"deploy asked for", "решено выложить">();
    if (what == "deployed") return said<"deployed", "выложено">();
    if (what == "not_deployed") return said<"not deployed", "не выложено">();
    if (what == "deploy_unknown") return said<"whether deployed: not known", "выложено ли, неизвестно">();
    if (what == "rollback_asked") return said<"rollback asked for", "решено откатить">();
    if (what == "rolled_back") return said<"rolled back", "откачено">();
    if (what == "not_rolled_back") return said<"not rolled back", "не откачено">();
    if (what == "rollback_unknown") return said<"whether rolled back: not known", "откачено ли, неизвестно">();
    if (what == "approved") return said<"approved", "одобрено">();
    if (what == "factor_set_up") return said<"authenticator app set up", "аутентификатор настроен">();
    if (what == "factor_reset") return said<"authenticator app taken back", "аутентификатор сброшен">();
    if (what == "factor_wrong") return said<"wrong code", "неверный код">();
    if (what == "made_admin") return said<"made an admin", "стал админом">();
    if (what == "no_admin") return said<"no admin any more", "больше не админ">();
    if (what == "let_in") return said<"let in", "впущен">();
    if (what == "kept_out") return said<"not let in", "не впущен">();
    if (what == "put_out") return said<"put out", "исключён">();
    if (what == "repository_added") return said<"repository added", "репозиторий добавлен">();
    if (what == "repository_changed") return said<"repository changed", "репозиторий изменён">();
    if (what == "repository_removed") return said<"repository removed", "репозиторий убран">();
    if (what == "rule_set") return said<"rule for", "правило для">();
    if (what == "rule_gone") return said<"no rule for", "больше нет правила для">();
    if (what == "token_made") return said<"token of the API made", "создан токен API">();
    if (what == "token_revoked") return said<"token of the API revoked", "отозван токен API">();
    if (what == "removed") return said<"all rights taken away", "все права забраны">();
    if (what == "role_set") return said<"role changed", "роль изменена">();
    if (what == "linked") return said<"linked with a name elsewhere", "связан с именем в другом месте">();
    if (what == "budget_set") return said<"budget changed", "бюджет изменён">();
    if (what == "paused") return said<"all spending paused", "все расходы приостановлены">();
    if (what == "resumed") return said<"spending resumed", "расходы возобновлены">();
    if (what == "secret_set") return said<"secret set at run time", "секрет задан во время работы">();
    if (what == "secret_unset") return said<"secret not set at run time any more", "секрет больше не задан">();
    if (what == "secrets_resealed")
        return said<"secrets sealed with another key", "секреты зашифрованы другим ключом">();
    return what;
}

/// DEPLOY_RULES: no person has such a name here.
bool is_setting(const std::string& by) {
    return !by.empty() && by.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == by.npos;
}

} // namespace

std::string by_words(const std::string& by) {
    if (by == "terminal") return said<"terminal", "терминал">();
    if (is_setting(by)) return by;
    if (by == mechanic::by_health) return said<"health watch", "проверка здоровья">();
    return by.empty() ? "–" : said<"person {}", "человек {}">(by);
}

std::string by_words(const std::vector<std::string>& all) {
    std::string people;
    for (const auto& by : all)
        people += (people.empty() ? "" : ", ") + by_words(by);
    return people;
}

std::string audit_words(const queue::audited& row) {
    auto what = happened(row.what) + (row.anyway ? said<", anyway", ", всё равно">() : "");
    if (row.what == "made_admin" && row.person && row.by == std::to_string(*row.person))
        what += said<" by the one-time code", " по одноразовому коду">();
    if (row.what == "rule_gone") return what + " " + row.remote;
    if (row.what == "rule_set") return what + " " + row.remote + (row.detail.empty() ? "" : ": " + row.detail);
    if (row.what == "role_set" && !row.remote.empty()) what += " (" + row.remote + ")";
    if (!row.detail.empty()) what += ": " + text::printable(row.detail);
    return row.person ? by_words(std::to_string(*row.person)) + ": " + what : what;
}

std::string audit_table(const std::vector<queue::audited>& rows) {
    auto some = std::ranges::find_if(rows, [](const auto& r) { return r.task.has_value(); });
    auto first = some == rows.end() ? std::string() : some->remote;
    bool several = std::ranges::any_of(rows, [&](const auto& r) { return r.task && r.remote != first; });
    std::vector<std::vector<std::string>> lines{{said<"WHEN", "КОГДА">(), said<"TASK", "ЗАДАЧА">(),
                                                 said<"WHAT", "ЧТО">(), said<"BY", "КТО">(),
                                                 said<"COMMIT", "КОММИТ">()}};
    if (several) lines.front().push_back(said<"REPOSITORY", "РЕПОЗИТОРИЙ">());
    for (const auto& r : rows) {
        lines.push_back(
            {day_and_time(r.at), r.task ? r.task->str() : "–", audit_words(r), by_words(r.by), r.commit.substr(0, 12)});
        if (several) lines.back().push_back(short_remote(r.remote));
    }
    for (auto& line : lines)
        for (auto& cell : line)
            cell = fit(cell, cell_most);
    std::vector<std::size_t> widths(lines.front().size());
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], unicode::columns(line[i]));
    std::string out;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i)
            text += padded(line[i], widths[i] + gap);
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
}

boost::json::object audit_json(const queue::audited& row) {
    return {{"event", "audit"},
            {"at", stamp(row.at)},
            {"task", row.task ? row.task->str() : ""},
            {"person", row.person ? std::to_string(*row.person) : ""},
            {"what", row.what},
            {"by", row.by},
            {"commit", row.commit},
            {"anyway", row.anyway},
            {"repository", row.remote},
            {"detail", row.detail}};
}

} // namespace persais::cli
