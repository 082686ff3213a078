#include "mechanic/model_waits.hpp"

#include "mechanic/limits.hpp"

namespace persais::mechanic {

namespace {

/// In UTC, as the ledger's.
time_point next_month(time_point now) {
    using namespace std::chrono;
    year_month_day today(floor<days>(now));
    return sys_days((today.year() / today.month() + months(1)) / 1);
}

time_point looked_at_again(wait_reason why, time_point now) {
    switch (why) {
    case wait_reason::task_budget: // only a person can change that
        return now + limits::wait_at_most;
    case wait_reason::day_budget:
        return std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
    case wait_reason::month_budget:
        return next_month(now);
    case wait_reason::paused:
        return now + limits::wait_paused;
    case wait_reason::key:
    case wait_reason::credit:
    case wait_reason::model_away:
    case wait_reason::remote_away:
    case wait_reason::world:
    case wait_reason::request:
        break;
    }
    return now + limits::wait_look_every;
}

} // namespace

decision wait_for_model(task& t, wait_reason why, const model_failed& e, time_point now) {
    t.known.budget = e.budget;
    auto until = looked_at_again(why, now);
    bool as_long_as_it_takes = why == wait_reason::month_budget || why == wait_reason::paused;
    return wait_for(t, why, until, (as_long_as_it_takes ? until : now) + limits::wait_at_most, e.sentence);
}

} // namespace persais::mechanic
