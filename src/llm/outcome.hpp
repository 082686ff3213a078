#pragma once
#include "base/clock.hpp"
#include "http/client.hpp"
#include "llm/types.hpp"

#include <boost/json/object.hpp>

namespace persais::llm {

/// What went wrong with one call upstream: why, whether the same call may succeed later, and what the agent is told.
struct call_error {
    cause why = cause::network;
    bool again = false;                              // the same call may be tried again
    std::optional<std::chrono::seconds> retry_after; // said by the endpoint
    int status = 502;                                // of the answer to the agent
    std::string sentence;                            // for a person and the agent
    bool reached = true;                             // false: the endpoint never saw the call; it cost nothing
    bool answered = false;                           // the endpoint itself refused: it cost nothing
    std::string parameter = {};                      // that the endpoint refuses, where it says so apart
    std::string budget = {};                         // as last_failure::budget

    bool free() const { return answered || !reached; }
    bool of_budget() const {
        return why == cause::task_budget || why == cause::day_budget || why == cause::month_budget;
    }
};

/// An error status with its body, or the `error` object of a body or a stream (then `status` is its code).
/// The endpoint's own words are cut to `model_sentence_bytes`.
call_error refused(int status, const http::headers& fields, std::string body);
call_error refused(int status, const http::headers& fields, const boost::json::object& error);
/// The code of an error inside a 200, or 502 when it has none that is an HTTP status.
int code_of(const boost::json::object& error);

call_error no_answer(const http::fetch_error& error);
/// The answer stopped, or lacks what makes it whole.
call_error cut(std::string sentence);

/// What is there is no endpoint of models: a second call would end as the first did.
call_error no_model_there(std::string sentence);
/// A whole answer was asked for.
call_error unasked_stream();

/// A budget of ours does not allow the call: the form that makes aider stop at once. `call_usd`: what the
/// call may cost at least, 0 when that is not known.
struct narrowest {
    std::string whose = {}; // empty: everybody's (or the task's); repository:NAME, person:WHO
    double usd = 0;
};
call_error budget_over(cause which, const narrowest& of, double call_usd, time_point now);
/// All spending was stopped by an admin.
call_error spending_paused();
/// An answer was cut where the budget ended, and was paid.
call_error answer_cut_by(cause which, const narrowest& of, std::int64_t tokens);
/// In the same form: a call cost more than anything that was known of it before.
call_error dearer_than_reserved(double cost_usd, double reserved_usd);
call_error no_key();

/// The JSON body of an answer to the agent, and the event of a stream that tells the same.
std::string agent_error(const call_error& t);
std::string agent_error_event(const call_error& t);

std::string_view name(cause c);

/// Seconds of a Retry-After header; nothing when it is absent or a date.
std::optional<std::chrono::seconds> retry_after(const http::headers& fields);

} // namespace persais::llm
