#include "cli/lane_words.hpp"

#include "cli/audit_table.hpp"
#include "cli/backups.hpp"
#include "cli/budget_words.hpp"
#include "cli/task_words.hpp"
#include "cli/tongue.hpp"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace json = boost::json;

std::string lane_words(const queue::lane& l) {
    std::string waiting;
    for (auto id : l.waiting)
        waiting += (waiting.empty() ? "" : ", ") + id.str();
    auto where = short_remote(l.remote);
    if (!l.has)
        return said<"Landing on {}: nobody at this moment, then {}.", "{}: сейчас никто, затем {}.">(where, waiting);
    auto what = l.back ? said<"rollback", "откат">() : said<"deploy", "выкладка">();
    if (waiting.empty()) return said<"Landing on {}: task {} ({}).", "{}: задача {} ({}).">(where, l.has->value, what);
    return said<"Landing on {}: task {} ({}), then {}.", "{}: задача {} ({}), затем {}.">(where, l.has->value, what,
                                                                                          waiting);
}

std::string approvals_words(const service::tasks::approvals_so_far& a) {
    return said<"Task {} on {}: {} of {} approvals ({}).", "Задача {}, {}: {} из {} одобрений ({}).">(
        a.task.value, short_remote(a.remote), a.by.size(), a.needed, by_words(a.by));
}

std::string status_words(const status& s) {
    const auto& now = s.now;
    auto out = said<"Tasks: {} running, {} queued, {} waiting.\nSpent today: ${:.2f} of ${:.2f}.\n",
                    "Задачи: выполняется — {}, в очереди — {}, ждёт — {}.\nПотрачено за день: ${:.2f} из ${:.2f}.\n">(
        now.running, now.queued, now.waiting, now.spent_today, s.day_budget_usd);
    if (s.paused) out += pause_words(*s.paused);
    for (const auto& l : s.lanes)
        out += lane_words(l) + "\n";
    for (const auto& a : s.approvals)
        out += approvals_words(a) + "\n";
    return out + backup_words(s.backup);
}

json::object status_json(const status& s) {
    const auto& now = s.now;
    json::array all, approvals;
    for (const auto& a : s.approvals)
        approvals.push_back({{"task", a.task.str()},
                             {"repository", a.remote},
                             {"by", json::array(a.by.begin(), a.by.end())},
                             {"needed", a.needed}});
    for (const auto& l : s.lanes) {
        json::array waiting;
        for (auto id : l.waiting)
            waiting.emplace_back(id.str());
        all.push_back({{"repository", l.remote},
                       {"task", l.has ? l.has->str() : ""},
                       {"what", !l.has   ? ""
                                : l.back ? "rollback"
                                         : "deploy"},
                       {"waiting", std::move(waiting)}});
    }
    return {{"event", "status"},
            {"running", now.running},
            {"queued", now.queued},
            {"waiting", now.waiting},
            {"spent_today_usd", std::round(now.spent_today * 1e6) / 1e6},
            {"day_budget_usd", s.day_budget_usd},
            {"backup", backup_json(s.backup)},
            {"paused", s.paused.has_value()},
            {"lanes", std::move(all)},
            {"approvals", std::move(approvals)}};
}

} // namespace persais::cli
