#include "cli/task_card.hpp"

#include "base/text.hpp"
#include "cli/task_lines.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;
namespace json = boost::json;

namespace {

constexpr std::size_t name_columns = 13; // "  instruction "

std::string standing(const task_card& c) {
    const auto& t = c.task;
    auto came_to = [&](verdict how) {
        auto said = std::string(words(how)), sentence = sentence_of(t);
        if (how == verdict::aborted || sentence == said) return fmt::format(": {}.", said);
        return fmt::format(": {}. {}", said, sentence);
    };
    auto works = [&](std::string_view doing) {
        auto attempt = attempt_of(t.now).value_or(0), round = round_of(t.now).value_or(0);
        return fmt::format(" is {}{}{}{}.", doing, round > 0 ? fmt::format(", repair round {}", round) : "",
                           attempt > 1 ? fmt::format(", attempt {}", attempt) : "",
                           c.around.abort_wished ? ", and is to be aborted" : "");
    };
    return std::visit(
        each_state{
            [&](const review& s) {
                const auto& last = t.known.came_to_nothing;
                if (!last) return came_to(s.how);
                return fmt::format(": {}. Its last turn: {}. {}", words(s.how), words(last->how), last->sentence);
            },
            [&](const failed& s) { return came_to(s.how); }, [&](const aborted&) { return came_to(verdict::aborted); },
            [](const parked& s) { return " needs a person. " + s.sentence; },
            [](const expired&) { return std::string(" expired: nobody decided on its result."); },
            [](const answered&) { return std::string(" is answered."); },
            [&](const waiting& s) { return fmt::format(" waits, because {}. {}", wait_words(s.why), c.around.told); },
            [&](const queued& s) {
                return s.not_before > c.around.read_at
                           ? fmt::format(" is queued, not before {}.", time_of_day(s.not_before))
                           : std::string(" is queued.");
            },
            [&](const publishing&) { return works(word_of(t.now)); },
            [&](const one_of<preparing, coding, checking, answering> auto&) { return works(word_of(t.now)); }},
        t.now);
}

/// The attempts that crashes and outages used up, plus the current or last one, of those that are allowed.
std::string attempts_words(const task& t) {
    auto begun = std::max(attempt_of(t.now).value_or(0), t.known.attempts_used);
    if (std::holds_alternative<review>(t.now) || begun == 0) begun = t.known.attempts_used + 1;
    return fmt::format("{} of {}", std::min(begun, t.what.attempts), t.what.attempts);
}

std::string time_words(const seconds_spent& s) {
    return fmt::format("{:.1f} s preparing, {:.1f} s coding, {:.1f} s checking, {:.1f} s publishing", s.preparing,
                       s.coding, s.checking, s.publishing);
}

json::object waits_json(const waiting& s) {
    return {{"for", to_string(s.why)}, {"until", stamp(s.until)}, {"give_up", stamp(s.give_up)}};
}

json::value number_or_null(const std::optional<task_id>& id) {
    return id ? json::value(id->str()) : json::value();
}

json::array turns_json(const std::vector<queue::reply>& turns) {
    json::array all;
    for (const auto& t : turns)
        all.push_back({{"turn", t.turn}, {"instruction", t.instruction}});
    return all;
}

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

} // namespace

std::string card_text(const task_card& c) {
    const auto& t = c.task;
    const auto& k = t.known;
    const auto now = c.around.read_at;
    auto out = fmt::format("Task {}{}\n", t.id.value, indented(standing(c), "  "));
    auto line = [&](std::string_view name, std::string_view text) {
        out += fmt::format("  {:<11} {}\n", name, indented(text, std::string(name_columns + 1, ' ')));
    };
    auto when = [&](time_point at) { return fmt::format("{} ({})", age(at, now), day_and_time(at)); };
    line("instruction", t.what.instruction);
    for (const auto& turn : c.turns)
        line(fmt::format("turn {}", turn.turn + 1), turn.instruction);
    line("repository", t.what.remote);
    if (!k.base.empty() && t.what.what == order::kind::change) line("branch", branch_words(t));
    if (k.made) line("change", change_words(k.made->size));
    if (k.made && k.made->whole != k.made->size) line("in all", change_words(k.made->whole));
    if (!k.base.empty() && t.what.what == order::kind::change) line("checks", checks_words(k));
    if (!k.feedback.empty()) line("red", red_words(k));
    if (auto setup = setup_words(k); !setup.empty()) line("setup", setup);
    if (std::holds_alternative<answered>(t.now))
        line("answer", k.said);
    else if (!k.said.empty())
        line("agent", agent_words(k));
    if (auto* s = std::get_if<waiting>(&t.now))
        line("waits", fmt::format("looked at again {} ({}), given up {} ({})", ahead(s->until, now),
                                  day_and_time(s->until), ahead(s->give_up, now), day_and_time(s->give_up)));
    if (!k.base.empty() || k.attempts_used > 0) line("attempts", attempts_words(t));
    line("model", fmt::format("{}: {} of ${:.2f}, {}", t.what.model, cost_words(c.spent), t.what.budget_usd,
                              tokens_words(c.spent)));
    if (c.around.kept_replies > 0)
        line("replies", fmt::format("{} to come, when this has ended", c.around.kept_replies));
    line("time", time_words(k.seconds));
    line("asked", when(c.around.created));
    line("since", when(c.around.changed));
    if (t.what.retry_of) line("retry of", fmt::format("task {}", t.what.retry_of->value));
    if (t.what.from_answer) line("answer of", fmt::format("task {}", t.what.from_answer->value));
    if (c.around.retried_as) line("retried", fmt::format("as task {}", c.around.retried_as->value));
    line("next", next_words(t));
    return out;
}

json::object card_json(const task_card& c) {
    const auto& t = c.task;
    const auto& k = t.known;
    auto how = is_settled(t.now) ? verdict_of(t) : std::nullopt;
    auto size = k.made.value_or(work{}).size, whole = k.made.value_or(work{}).whole;
    auto seconds = [](double s) { return rounded(s, 1000); };
    auto* waits = std::get_if<waiting>(&t.now);
    const auto* pushed = pushed_work(t);
    return {
        {"event", "task"},
        {"task", t.id.str()},
        {"state", name_of(t.now)},
        {"attempt", attempt_of(t.now).value_or(0)},
        {"round", round_of(t.now).value_or(0)},
        {"verdict", how ? to_string(*how) : ""},
        {"reason", reason_of(t)},
        {"sentence", sentence_of(t)},
        {"abort_wished", c.around.abort_wished},
        {"waits", waits ? json::value(waits_json(*waits)) : json::value()},
        {"told", c.around.told},
        {"kind", t.what.what == order::kind::question ? "question" : "change"},
        {"instruction", t.what.instruction},
        {"turn", k.turn},
        {"turns", turns_json(c.turns)},
        {"kept_replies", c.around.kept_replies},
        {"repository", t.what.remote},
        {"branch", k.branch},
        {"pushed", pushed != nullptr},
        {"pushed_commit", pushed ? pushed->commit : ""},
        {"commit", k.made ? k.made->commit : ""},
        {"base", k.base},
        {"base_branch", k.base_branch},
        {"files", size.files},
        {"insertions", size.insertions},
        {"deletions", size.deletions},
        {"whole", {{"files", whole.files}, {"insertions", whole.insertions}, {"deletions", whole.deletions}}},
        {"checks",
         {{"command", k.check.command},
          {"source", k.check.source},
          {"before", to_string(k.before)},
          {"after", to_string(k.after)},
          {"rounds", k.rounds_used},
          {"said", k.feedback}}},
        {"edits_failed", k.edits_failed.size()},
        {"setup", {{"command", k.setup.command}, {"source", k.setup.source}}},
        {"said", k.said},
        {"attempts", {{"used", k.attempts_used}, {"most", t.what.attempts}}},
        {"model", t.what.model},
        {"tokens", tokens_json(c.spent)},
        {"cost_usd", rounded(c.spent.cost_usd, 1e6)},
        {"cost_estimated", c.spent.estimated},
        {"budget_usd", t.what.budget_usd},
        {"seconds",
         {{"preparing", seconds(k.seconds.preparing)},
          {"coding", seconds(k.seconds.coding)},
          {"checking", seconds(k.seconds.checking)},
          {"publishing", seconds(k.seconds.publishing)}}},
        {"created", stamp(c.around.created)},
        {"changed", stamp(c.around.changed)},
        {"retry_of", number_or_null(t.what.retry_of)},
        {"from_answer", number_or_null(t.what.from_answer)},
        {"retried_as", number_or_null(c.around.retried_as)},
        {"next", next_words(t)},
    };
}

} // namespace persais::cli
