#include "cli/lane_words.hpp"

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

std::string status_words(const queue::overview& now, const std::vector<queue::lane>& lanes, double day_budget_usd) {
    auto out = said<"Tasks: {} running, {} queued, {} waiting.\nSpent today: ${:.2f} of ${:.2f}.\n",
                    "Задачи: выполняется — {}, в очереди — {}, ждёт — {}.\nПотрачено за день: ${:.2f} из ${:.2f}.\n">(
        now.running, now.queued, now.waiting, now.spent_today, day_budget_usd);
    for (const auto& l : lanes)
        out += lane_words(l) + "\n";
    return out;
}

json::object status_json(const queue::overview& now, const std::vector<queue::lane>& lanes, double day_budget_usd) {
    json::array all;
    for (const auto& l : lanes) {
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
            {"day_budget_usd", day_budget_usd},
            {"lanes", std::move(all)}};
}

} // namespace persais::cli
