#pragma once
#include "api/task_json.hpp"
#include "i18n/language.hpp"
#include "llm/gateway.hpp"
#include "mechanic/task.hpp"
#include "queue/listing.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

/// Texts that the commands about tasks share. Pure: `now` is a parameter, from the clock that the other times come
/// from.
namespace persais::cli {

/// "just now", "3 min ago", "2 h ago", "5 days ago".
std::string age(time_point at, time_point now);
/// "now", "in 40 s", "in 3 min", "in 2 h", "in 5 days".
std::string ahead(time_point at, time_point now);
using api::stamp;
/// "2026-11-23 23:57", "23:57:01": in this machine's time zone, for people.
std::string day_and_time(time_point at);
std::string time_of_day(time_point at);
std::string day(time_point at);

/// "$0.0111"; "-" for zero.
std::string dollars(double usd);
/// "no model call", "$0.0111", "$0.0111 (estimated)", "price unknown (estimated)".
std::string cost_words(const llm::spent& s);
/// "2140 tokens sent, 310 received", "2140 tokens sent (1800 of them cached), 310 received".
std::string tokens_words(const llm::spent& s);
using api::noted_json;
using api::tokens_json;

/// The end of a remote's address that distinguishes it from others: "owner/name" of a URL, the folder of a path.
std::string short_remote(std::string_view remote);

/// What a task is doing or how it ended, in a few words: "coding, round 1", "waiting: model key", "ready, unchecked".
std::string state_words(const queue::summary& s);
/// The first words of these, by which a list can be narrowed down: "coding", "needs-a-person", "tests-red".
std::vector<std::string> state_choices(i18n::language l);
/// What such a word selects. `choice` is one of them, or a name that programs read.
struct state_choice {
    std::optional<std::string> state, verdict;
};
state_choice chosen_state(const std::string& choice);
/// Why a task waits, as a clause of told(): "the model does not answer".
std::string wait_words(mechanic::wait_reason why);

/// The checks, in one line: "make test (flag): red before, green after, 1 repair round".
std::string checks_words(const mechanic::facts& k);

/// What a person can do next about the task, in one sentence or more; in English, as told().
std::string next_words(const mechanic::task& t);

} // namespace persais::cli
