#include "cli/task_table.hpp"

#include "base/unicode.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace persais::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_columns = 72;
constexpr std::size_t state_most = 22; // "waiting: task's budget"

struct column {
    std::string head;
    std::string (*cell)(const queue::summary& s, time_point now);
    std::size_t most; // columns; the last column takes the rest
    std::size_t width = 0;
};

std::vector<column> columns_for(const std::vector<queue::summary>& tasks, std::size_t all) {
    std::vector<column> made{
        {said<"TASK", "ЗАДАЧА">(), [](const auto& s, time_point) { return s.id.str(); }, all},
        {said<"STATE", "СОСТОЯНИЕ">(), [](const auto& s, time_point) { return state_words(s); }, state_most},
        {said<"SINCE", "КОГДА">(), [](const auto& s, time_point now) { return age(s.changed, now); }, all},
        {said<"COST", "ЦЕНА">(), [](const auto& s, time_point) { return dollars(s.cost_usd); }, all},
    };
    if (std::ranges::any_of(tasks, [&](const auto& s) { return s.remote != tasks.front().remote; }))
        made.push_back({said<"REPOSITORY", "РЕПОЗИТОРИЙ">(),
                        [](const auto& s, time_point) { return short_remote(s.remote); },
                        std::max<std::size_t>(all / 5, 10)}); // the instruction is more useful
    made.push_back(
        {said<"INSTRUCTION", "ЧТО СДЕЛАТЬ">(), [](const auto& s, time_point) { return s.instruction; }, all});
    return made;
}

} // namespace

std::string task_table(const std::vector<queue::summary>& tasks, time_point now, std::size_t columns) {
    columns = std::max(columns, least_columns);
    auto shape = columns_for(tasks, columns);
    std::size_t before = 0;
    for (auto& each : shape) {
        each.width = unicode::columns(each.head);
        for (const auto& s : tasks)
            each.width = std::max(each.width, unicode::columns(fit(each.cell(s, now), each.most)));
        if (&each != &shape.back()) before += each.width + gap;
    }
    shape.back().width = columns > before ? columns - before : 0;
    std::string out;
    auto line = [&](auto cell) {
        std::string text;
        for (const auto& each : shape)
            text += padded(fit(cell(each), each.width), each.width + gap);
        out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    };
    line([](const column& c) { return c.head; });
    for (const auto& s : tasks)
        line([&](const column& c) { return c.cell(s, now); });
    return out;
}

} // namespace persais::cli
