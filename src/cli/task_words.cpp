#include "cli/task_words.hpp"

#include "cli/options.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "mechanic/task.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;
using namespace std::chrono;

namespace {

std::string span(seconds s) {
    if (s < 60s) return fmt::format("{} s", s.count());
    if (s < 60min) return fmt::format("{} min", s / 1min);
    if (s < 48h) return fmt::format("{} h", s / 1h);
    return fmt::format("{} days", s / 24h);
}

std::time_t seconds_of(time_point at) {
    return static_cast<std::time_t>(floor<seconds>(at).time_since_epoch().count());
}

std::string wait_word(std::string_view reason) {
    auto why = wait_reason_from(reason);
    if (!why) return std::string(reason);
    switch (*why) {
    case wait_reason::key:
        return "model key";
    case wait_reason::credit:
        return "model credit";
    case wait_reason::day_budget:
        return "day's budget";
    case wait_reason::task_budget:
        return "task's budget";
    case wait_reason::model_away:
        return "model away";
    case wait_reason::remote_away:
        return "remote away";
    case wait_reason::world:
        return "this machine";
    }
    return std::string(reason);
}

std::string short_words(verdict how) {
    if (how == verdict::protected_path) return "protected path";
    if (how == verdict::world_broken) return "a part is broken";
    return std::string(words(how));
}

std::vector<verdict> all_verdicts() {
    std::vector<verdict> all;
    for (int i = 0; i <= static_cast<int>(verdict::world_broken); ++i)
        all.push_back(static_cast<verdict>(i));
    return all;
}

std::string help_of_wait(const task& t, wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return "Give the service an OPENROUTER_API_KEY that works; the task goes on by itself.";
    case wait_reason::credit:
        return "Add credit at the model's endpoint; the task goes on by itself.";
    case wait_reason::day_budget:
        return "It goes on by itself at 00:00 UTC, or when the service has a larger BUDGET_DAY_USD.";
    case wait_reason::task_budget:
        return fmt::format("It has spent what it may: `persais budget {} DOLLARS` lets it spend more, `persais abort "
                           "{}` ends it.",
                           t.id.value, t.id.value);
    case wait_reason::model_away:
    case wait_reason::remote_away:
        return "Nothing has to be done: it is tried again by itself.";
    case wait_reason::world:
        return "Look at the service's log; it is tried again by itself.";
    }
    return {};
}

std::string help_of_failure(const task& t, verdict how) {
    auto again = fmt::format("`persais retry {}`", t.id.value);
    switch (how) {
    case verdict::no_change:
        return fmt::format("`persais log {0}` has what the agent said; `persais reply {0} \"…\"` says more exactly "
                           "what should change.",
                           t.id.value);
    case verdict::protected_path:
        return "Ask for a change that leaves that path alone, or allow it in .persais.toml on the base branch.";
    case verdict::timed_out:
        return fmt::format("{}Ask for less, or give the service a longer TASK_TIMEOUT, then {}.",
                           t.known.made ? fmt::format("`persais diff {}` shows how far it came. ", t.id.value) : "",
                           again);
    default:
        return fmt::format("When that is fixed, {} does it anew.", again);
    }
}

std::string help_of_review(const task& t, verdict how) {
    auto look =
        fmt::format("`persais diff {0}` shows the change; it is on the branch {1}. `persais reply {0} \"…\"` goes on "
                    "with it.",
                    t.id.value, t.known.branch);
    if (how != verdict::tests_red && how != verdict::checks_could_not_run) return look;
    return fmt::format("{} `persais log {}` has what the checks said, `persais retry {}` does it anew.", look,
                       t.id.value, t.id.value);
}

} // namespace

std::string age(time_point at, time_point now) {
    auto s = duration_cast<seconds>(now - at);
    return s < 5s ? "just now" : span(s) + " ago";
}

std::string ahead(time_point at, time_point now) {
    auto s = ceil<seconds>(at - now);
    return s <= 0s ? "now" : "in " + span(s);
}

std::string stamp(time_point at) {
    auto ms = duration_cast<milliseconds>(at - floor<seconds>(at)).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds_of(at)), ms);
}
std::string day_and_time(time_point at) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(seconds_of(at)));
}
std::string time_of_day(time_point at) {
    return fmt::format("{:%H:%M:%S}", fmt::localtime(seconds_of(at)));
}
std::string day(time_point at) {
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(seconds_of(at)));
}

std::string counted(std::int64_t n, std::string_view word) {
    return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

std::string dollars(double usd) {
    return usd == 0 ? "-" : fmt::format("${:.4f}", usd);
}

std::string cost_words(const llm::spent& s) {
    if (s.calls == 0) return "no model call";
    auto amount = s.estimated && s.cost_usd == 0 ? std::string("price unknown") : fmt::format("${:.4f}", s.cost_usd);
    return amount + (s.estimated ? " (estimated)" : "");
}

std::string tokens_words(const llm::spent& s) {
    auto cached = s.tokens_cached > 0 ? fmt::format(" ({} of them cached)", s.tokens_cached) : "";
    return fmt::format("{} tokens sent{}, {} received", s.tokens_sent, cached, s.tokens_received);
}

boost::json::object tokens_json(const llm::spent& s) {
    boost::json::object tokens{{"sent", s.tokens_sent}, {"received", s.tokens_received}};
    if (s.tokens_cached > 0) tokens["cached"] = s.tokens_cached;
    return tokens;
}

std::string short_remote(std::string_view remote) {
    auto whole = remote;
    while (remote.ends_with('/'))
        remote.remove_suffix(1);
    if (remote.ends_with(".git")) remote.remove_suffix(4);
    bool path = whole.starts_with('/') || whole.starts_with("file:");
    auto last = remote.find_last_of("/:");
    if (last == remote.npos || last + 1 == remote.size()) return std::string(remote);
    if (path) return std::string(remote.substr(last + 1));
    auto owner = last == 0 ? remote.npos : remote.find_last_of("/:", last - 1);
    return std::string(remote.substr(owner == remote.npos ? 0 : owner + 1));
}

std::string state_words(const queue::summary& s) {
    if (s.abort_wished) return "being aborted";
    if (auto how = verdict_from(s.verdict)) return short_words(*how);
    auto now = state_from(s.state);
    if (!now) return s.state; // the state was written by a newer version
    return std::visit(
        each_state{[&](const waiting&) { return fmt::format("{}: {}", word_of(*now), wait_word(s.wait_reason)); },
                   [&](const one_of<coding, checking> auto&) {
                       return s.round > 0 ? fmt::format("{}, round {}", word_of(*now), s.round) : s.state;
                   },
                   [&](const one_of<queued, preparing, publishing, answering, review, failed, aborted, parked, expired,
                                    answered> auto&) { return std::string(word_of(*now)); }},
        *now);
}

std::vector<std::string> state_choices() {
    std::vector<std::string> all;
    for (const auto& name : state_names())
        all.push_back(as_one_word(word_of(*state_from(name))));
    for (auto how : all_verdicts())
        if (auto word = as_one_word(short_words(how)); std::ranges::find(all, word) == all.end()) all.push_back(word);
    return all;
}

state_choice chosen_state(const std::string& choice) {
    for (const auto& name : state_names())
        if (choice == name || choice == as_one_word(word_of(*state_from(name)))) return {.state = name};
    for (auto how : all_verdicts())
        if (choice == as_one_word(short_words(how))) return {.verdict = std::string(to_string(how))};
    return {.state = choice};
}

std::string wait_words(wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return "no key for the model works";
    case wait_reason::credit:
        return "the account at the model's endpoint has no credit";
    case wait_reason::day_budget:
        return "the day's budget is used up";
    case wait_reason::task_budget:
        return "the task's budget is used up";
    case wait_reason::model_away:
        return "the model does not answer";
    case wait_reason::remote_away:
        return "the repository's remote does not answer";
    case wait_reason::world:
        return "something on the service's machine is broken";
    }
    return {};
}

std::string checks_words(const facts& k) {
    if (k.check.command.empty()) return "none: no check command";
    auto word = [&k](check_outcome how) {
        if (how == check_outcome::timed_out && k.check_seconds > 0)
            return fmt::format("did not end within {} s", k.check_seconds);
        auto text = std::string(to_string(how));
        std::ranges::replace(text, '_', ' ');
        return text;
    };
    auto rounds = k.rounds_used > 0 ? ", " + counted(k.rounds_used, "repair round") : "";
    return fmt::format("{} ({}): {} before, {} after{}", k.check.command, k.check.source, word(k.before), word(k.after),
                       rounds);
}

std::string next_words(const task& t) {
    auto id = t.id.value;
    return std::visit(
        each_state{
            [&](const waiting& s) { return help_of_wait(t, s.why); },
            [&](const review& s) { return help_of_review(t, s.how); },
            [&](const failed& s) { return help_of_failure(t, s.how); },
            [&](const answered&) {
                return fmt::format(
                    "`persais reply {0} \"…\"` asks on; `persais run --from-answer {0}` makes the change "
                    "that the answer proposes.",
                    id);
            },
            [&](const parked&) {
                return fmt::format("Look at what stopped it (`persais log {0}`), then `persais retry {0}`.", id);
            },
            [&](const one_of<aborted, expired> auto&) { return fmt::format("`persais retry {}` does it anew.", id); },
            [&](const queued&) {
                if (t.what.foreground)
                    return fmt::format("`persais run --resume {0}` goes on with it; `persais abort {0}` ends it.", id);
                return fmt::format(
                    "A service (`persais serve`) takes it as soon as a place is free; `persais abort {}` "
                    "ends it.",
                    id);
            },
            [&](const one_of<preparing, coding, checking, publishing, answering> auto&) {
                return fmt::format("`persais log {0} --follow` shows what happens; `persais abort {0}` ends it.", id);
            }},
        t.now);
}

} // namespace persais::cli
