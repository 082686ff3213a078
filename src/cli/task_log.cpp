#include "cli/task_log.hpp"

#include "base/text.hpp"
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

constexpr std::string_view margin = "          "; // below "12:00:00  "
constexpr std::string_view bar = "          | ";

/// One of a newer version is shown as it is.
std::string word_of_name(const std::string& name) {
    auto state = state_from(name);
    return state ? in_tongue(word_of(*state)) : name;
}

std::string state_line(const queue::happening& h) {
    std::string out = word_of_name(h.state);
    if (h.round > 0) out += said<", repair round {}", ", исправление {}">(h.round);
    if (h.attempt > 1) out += said<", attempt {}", ", попытка {}">(h.attempt);
    return out;
}

} // namespace

std::string log_lines::add(const queue::happening& h) {
    if (h.kind == "log") {
        last_progress_.clear();
        return words(h.text);
    }
    auto out = end();
    if (auto today = day(h.at); today != day_) out += fmt::format("{}\n", day_ = today);
    if (h.kind == "state") {
        last_progress_.clear();
        out += fmt::format("{}  {}\n", time_of_day(h.at), text::printable(state_line(h)));
    } else if (h.text != last_progress_) {
        last_progress_ = h.text;
        out += fmt::format("{}{}\n", margin, indented(in_tongue(h.text), margin));
    }
    return out;
}

std::string log_lines::words(std::string_view piece) {
    std::string out;
    for (char c : text::printable(piece)) {
        if (!open_) out += bar;
        open_ = c != '\n';
        out += c;
    }
    return out;
}

std::string log_lines::end() {
    return std::exchange(open_, false) ? "\n" : "";
}

std::string log_json(task_id task, const queue::happening& h) {
    auto o = api::happening_json(task, h);
    o.erase("number"); // of the API
    return json_line(o);
}

std::string log_tail(const task& t) {
    std::string out;
    if (!t.known.feedback.empty())
        out += said<"The checks are red:\n{}{}\n", "Проверки не прошли:\n{}{}\n">(bar, indented(t.known.feedback, bar));
    auto how = verdict_of(t);
    if (!how) return out;
    auto sentence = text::printable(sentence_of(t));
    out += said<"Task {}: {}.{}\n", "Задача {}: {}.{}\n">(
        t.id.value, in_tongue(words(*how)),
        sentence.empty() || sentence == words(*how) || *how == verdict::aborted ? "" : " " + in_tongue(sentence));
    return out;
}

std::string log_tail_json(const task& t) {
    std::string out;
    if (!t.known.feedback.empty())
        out += json_line({{"event", "checks"}, {"task", t.id.str()}, {"text", t.known.feedback}});
    if (auto how = verdict_of(t))
        out += json_line({{"event", "end"},
                          {"task", t.id.str()},
                          {"state", name_of(t.now)},
                          {"verdict", to_string(*how)},
                          {"reason", reason_of(t)},
                          {"sentence", sentence_of(t)}});
    return out;
}

} // namespace persais::cli
