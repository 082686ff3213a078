#pragma once
#include "base/async.hpp"
#include "base/json.hpp"
#include "config/reading.hpp"
#include "doctor/finding.hpp"
#include "http/client.hpp"

#include <functional>

#include <boost/json/value.hpp>

namespace persais::doctor {

/// How far another clock is ahead of ours.
struct clock_sample {
    std::string whose; // "the model endpoint", "the database"
    double ahead_seconds = 0;
    double uncertain_seconds = 0; // from the round trip, and from the resolution of the other clock
};

/// What the probes examine, and what they learn meanwhile. Outlives them; one thread.
struct subject {
    const config::settings& settings;
    std::filesystem::path exe_folder;
    http::client& client;
    bool offline = false; // do not contact model, Telegram, forge or a remote on another machine
    std::function<void(const findings&)> tell = {}; // told what each probe found, as soon as it ended; may be empty
    std::vector<config::origin> origins = {};       // where each row of the settings' table came from; empty: not known
    std::vector<clock_sample> clocks = {};
    std::vector<std::shared_ptr<void>> until_dry = {}; // used by coroutines until the loop is empty
};

/// The answer of an API with a JSON body, or why there is none: a sentence that names the host and no secret.
struct api_answer {
    int status = 0;
    http::headers fields;
    boost::json::value body; // null when the body is not JSON
    const boost::json::object* object() const { return body.if_object(); }
};
struct api_call {
    http::fetch_spec request;
    std::string whose; // names the clock; empty: the clock is not recorded
    std::size_t most;  // bytes of the answer
};
/// Makes one call. An error is one sentence: no response came. Any status is an answer.
awaitable<result<api_answer>> ask(subject& of, api_call what);
/// As ask, but returns the answer unparsed.
awaitable<result<http::fetched, http::fetch_error>> fetch(subject& of, http::fetch_spec what, std::string whose,
                                                          std::size_t most);

/// Days from now to a date as APIs write it (2026-11-08, 2026-11-08T…, "2026-11-08 10:00:00 UTC").
std::optional<double> days_until(std::string_view date);
/// An HTTP Date header in seconds since 1970.
std::optional<double> http_date(std::string_view value);

} // namespace persais::doctor
