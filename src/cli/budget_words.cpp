#include "cli/budget_words.hpp"

#include "cli/audit_table.hpp"
#include "cli/task_words.hpp"
#include "cli/tongue.hpp"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace json = boost::json;

namespace {

double rounded(double usd) {
    return std::round(usd * 1e6) / 1e6;
}

std::string time_words(bool month) {
    return month ? said<"this month", "за месяц">() : said<"today", "за день">();
}

std::string part(bool month, double spent, double budget) {
    return said<"${:.2f} of ${:.2f} {}", "${:.2f} из ${:.2f} {}">(spent, budget, time_words(month));
}

json::object line(const queue::owner& of, bool month, double spent, double budget) {
    return {{"event", "budget"},
            {"of", of.kind},
            {"name", of.name},
            {"period", month ? "month" : "day"},
            {"budget_usd", budget},
            {"counted_usd", rounded(spent)},
            {"left_usd", rounded(std::max(0.0, budget - spent))}};
}

} // namespace

std::string pause_words(const queue::pause_state& since) {
    return said<"All spending is paused since {} by {}: `persais resume` ends it.\n",
                "Все расходы приостановлены с {}, кем: {}. Закончить: `persais resume`.\n">(day_and_time(since.since),
                                                                                            by_words(since.by));
}

std::string own_budget_words(const queue::budget_state& of) {
    std::string said_of;
    auto add = [&said_of](const std::string& words) { said_of += (said_of.empty() ? "" : ", ") + words; };
    if (of.budget.day_usd) add(part(false, of.now.day_usd, *of.budget.day_usd));
    if (of.budget.month_usd) add(part(true, of.now.month_usd, *of.budget.month_usd));
    if (of.budget.waiting) add(said<"at most {} waiting", "ждать может не больше {}">(*of.budget.waiting));
    return in_tongue(service::owner_words(of.budget.of)) + ": " + said_of + "\n";
}

std::string budgets_words(const service::money_left& left, const std::vector<queue::budget_state>& own) {
    std::string out = left.paused ? pause_words(*left.paused) : "";
    std::string all;
    for (const auto& each : left.lines)
        if (each.of.kind.empty()) all += (all.empty() ? "" : ", ") + part(each.month, each.spent_usd, each.budget_usd);
    out += in_tongue(service::owner_words({})) + ": " + all + "\n";
    for (const auto& each : own)
        out += own_budget_words(each);
    return out;
}

std::vector<json::object> budgets_json(const service::money_left& left, const std::vector<queue::budget_state>& own) {
    std::vector<json::object> all;
    for (const auto& each : left.lines)
        if (each.of.kind.empty()) all.push_back(line(each.of, each.month, each.spent_usd, each.budget_usd));
    for (const auto& each : own) {
        if (each.budget.day_usd) all.push_back(line(each.budget.of, false, each.now.day_usd, *each.budget.day_usd));
        if (each.budget.month_usd)
            all.push_back(line(each.budget.of, true, each.now.month_usd, *each.budget.month_usd));
    }
    return all;
}

} // namespace persais::cli
