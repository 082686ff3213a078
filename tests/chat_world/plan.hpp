#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace persais::chat_world {

using std::chrono::milliseconds;

/// One thing that goes wrong. All of a run's are a list, so that it can be made shorter.
struct fault {
    enum class kind {
        crash,          // of a service, at once; another starts after `amount` ms
        crash_at_point, // at its next passing of the point `amount` (world.hpp, point)
        leave,          // SIGTERM: what is in hand is given back; another starts after `amount` ms
        lose_answer,    // the next statement of a service happens, its answer is lost
        lose_request,   // the next statement is lost, and its sender cannot know
        database_away,  // for everybody
        lose_sent,      // the next call of the Bot API happens, its answer is lost
        lose_call,      // the next call is lost, and its sender cannot know
        refuse_call,    // the next calls are answered 502
        flood,          // the next call is answered 429
        telegram_away,  // nothing reaches it, and it delivers nothing
        service_clock,  // jumps by `amount` ms
        last_
    };
    milliseconds at{};
    kind what{};
    int service = 0; // from 1
    std::int64_t amount = 0;
    milliseconds lasts{};
};

/// One thing that a person does.
struct button_action {
    enum class kind { instruct, ask, command, reply, press, edit, stranger, group, last_ };
    milliseconds at{};
    kind what{};
    int person = 0; // from 1
    int number = 0; // of all deeds: its words have it
};

/// All that a seed decides beforehand.
struct plan {
    std::uint64_t seed = 0;
    bool hooked = true; // by webhook, to two services; else one service asks
    std::vector<button_action> button_actions;
    std::vector<fault> faults;
};

plan plan_of(std::uint64_t seed);
std::string words(const plan& p);
/// The same with fewer faults and deeds: those that are not needed for `fails`.
plan shrink(plan p, const std::function<bool(const plan&)>& fails);

} // namespace persais::chat_world
