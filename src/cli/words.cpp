// The result of a task in words and as JSON.
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/report.hpp"
#include "cli/task_lines.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;
namespace json = boost::json;

namespace {

/// Of a line's name, with what stands before and behind it.
std::size_t name_columns() {
    return tongue() == i18n::language::ru ? 13 : 12; // "  подготовка ", "  branch    "
}

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

} // namespace

std::string result_json(const app::foreground_result& r) {
    const auto& t = r.task;
    const auto& k = t.known;
    auto how = verdict_of(t).value_or(verdict::world_broken);
    bool branch = std::holds_alternative<review>(t.now) && !k.came_to_nothing; // else the branch is an earlier turn's
    bool answer = std::holds_alternative<answered>(t.now);
    auto size = branch ? k.made->size : k.came_to_nothing ? diff_size{} : k.made.value_or(work{}).size;
    auto seconds = [](double s) { return rounded(s, 1000); };
    json::object o{
        {"event", "result"},
        {"task", t.id.str()},
        {"verdict", to_string(how)},
        {"reason", reason_of(t)},
        {"sentence", sentence_of(t)},
        {"branch", branch ? k.branch : ""},
        {"commit", branch ? k.made->commit : ""},
        {"base", k.base},
        {"files", size.files},
        {"insertions", size.insertions},
        {"deletions", size.deletions},
        {"checks",
         {{"command", k.check.command},
          {"source", k.check.source},
          {"before", to_string(k.before)},
          {"after", to_string(k.after)},
          {"rounds", k.rounds_used}}},
        {"tokens", tokens_json(r.spent)},
        {"cost_usd", rounded(r.spent.cost_usd, 1e6)},
        {"cost_estimated", r.spent.estimated},
        {"seconds",
         {{"preparing", seconds(k.seconds.preparing)},
          {"coding", seconds(k.seconds.coding)},
          {"checking", seconds(k.seconds.checking)},
          {"publishing", seconds(k.seconds.publishing)},
          {"total", seconds(r.total_seconds)}}},
    };
    if (branch && !k.made->noted.empty()) o["noted"] = noted_json(*k.made);
    if (branch && !k.edits_failed.empty()) o["edits_failed"] = k.edits_failed.size();
    if (k.turn > 0) o["turn"] = k.turn;
    if (answer) o["answer"] = k.said;
    return to_text(o);
}

std::string result_words(const app::foreground_result& r, bool colour) {
    const auto& t = r.task;
    const auto& k = t.known;
    auto how = verdict_of(t).value_or(verdict::world_broken);
    auto sentence = sentence_of(t);
    std::string out;
    auto line = [&](std::string_view name, std::string_view text) {
        if (!text.empty())
            out += fmt::format("  {} {}\n", padded(name, name_columns() - 3),
                               indented(text, std::string(name_columns(), ' ')));
    };
    auto head = said<"Task {}: {}.", "Задача {}: {}.">(
        t.id.value, in_tongue(std::holds_alternative<answered>(t.now) ? word_of(t.now) : words(how)));
    auto first = [&](std::string_view more) {
        out = painted(head + (more.empty() ? "" : " ") + std::string(more), exit_code(how) == 0 ? "1;32" : "1;31",
                      colour);
        out += '\n';
    };
    std::visit(
        each_state{
            [&](const answered&) {
                first("");
                out += fmt::format("\n{}\n\n", text::trim(text::printable(k.said)));
            },
            [&](const review&) {
                first(sentence == words(how) ? "" : text::printable(in_tongue(sentence)));
                line(said<"branch", "ветка">(), branch_words(t));
                line(said<"change", "изменение">(), change_words(k.made->size));
                if (k.made->whole != k.made->size) line(said<"in all", "всего">(), change_words(k.made->whole));
                line(said<"look at", "посмотрите">(), noted_words(*k.made));
                line(said<"checks", "проверки">(), checks_words(k));
            },
            // For these the sentence says everything but where an earlier result is.
            [&](const one_of<queued, preparing, coding, checking, publishing, answering, waiting, failed, aborted,
                             parked, expired, deploying, deployed, rolling_back, rolled_back, discarded> auto&) {
                first(sentence == words(how) ? "" : text::printable(in_tongue(sentence)));
                if (k.made || pushed_work(t)) line(said<"branch", "ветка">(), branch_words(t));
            }},
        t.now);
    if (!std::holds_alternative<answered>(t.now)) {
        line(said<"setup", "подготовка">(), setup_words(k));
        line(said<"red", "не прошли">(), red_words(k));
        line(said<"agent", "агент">(), agent_words(k));
    }
    line(said<"model", "модель">(),
         fmt::format("{}: {}, {}", t.what.model, tokens_words(r.spent), cost_words(r.spent)));
    line(said<"time", "время">(),
         said<"{:.1f} s: preparing {:.1f}, coding {:.1f}, checking {:.1f}, publishing {:.1f}",
              "{:.1f} с: подготовка {:.1f}, агент {:.1f}, проверки {:.1f}, отправка {:.1f}">(
             r.total_seconds, k.seconds.preparing, k.seconds.coding, k.seconds.checking, k.seconds.publishing));
    return out;
}

std::string next_line(const mechanic::task& t) {
    return fmt::format("  {} {}\n", padded(said<"next", "дальше">(), name_columns() - 3),
                       indented(in_tongue(next_words(t)), std::string(name_columns(), ' ')));
}

} // namespace persais::cli
