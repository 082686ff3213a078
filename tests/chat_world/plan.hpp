#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace persais::chat_world {

using std::chrono::milliseconds;

/// One thing that goes wrong. A run's faults are a list, so that it can be made shorter.
struct fault {
    enum class kind {
        crash,          // a service dies at once; another starts after `amount` ms
        crash_at_point, // dies when it next passes the point `amount` (world.hpp, point)
        leave,          // SIGTERM: work in hand is released; another starts after `amount` ms
        lose_answer,    // the next statement of a service is executed, its answer is lost
        lose_request,   // the next statement is lost, and its sender cannot know
        database_away,  // for all services
        lose_sent,      // the next call of the Bot API takes effect, its answer is lost
        lose_call,      // the next call is lost, and its sender cannot know
        refuse_call,    // the next calls are answered 502
        flood,          // the next call is answered 429
        telegram_away,  // no call reaches it, and it delivers nothing
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
struct person_action {
    enum class kind { instruct, ask, command, reply, press, edit, stranger, group, long_text, last_ };
    milliseconds at{};
    kind what{};
    int person = 0; // from 1
    int number = 0; // counts all deeds; it is part of the text
};

/// Everything that a seed decides beforehand.
struct plan {
    std::uint64_t seed = 0;
    bool hooked = true; // by webhook, to two services; otherwise one service polls
    std::vector<person_action> people_actions;
    std::vector<fault> faults;
};

plan plan_of(std::uint64_t seed);
std::string words(const plan& p);
/// The same plan with fewer faults and deeds: only those that are needed so that it `fails`.
plan shrink(plan p, const std::function<bool(const plan&)>& fails);

} // namespace persais::chat_world
