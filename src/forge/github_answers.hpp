#pragma once
#include "forge/json_api.hpp"
#include "forge/requests.hpp"

#include <boost/json/array.hpp>

namespace persais::forge {

// What GitHub's API answers about pull requests, read; no request is made here.

request request_in(const boost::json::object& pull);
readiness readiness_of(const request& which);

/// Why an answer is not what was asked for; `doing` is what was tried, in the reader's language.
trouble trouble_in(const json_api::reply& came, const std::string& doing);
trouble trouble_of(const refusal& why);

/// A time as the API writes it: 2026-11-30T12:00:00Z.
std::optional<time_point> time_in(std::string_view text);
/// The number of an issue or request; 0: what is no such number.
int issue_number_in(const boost::json::object& of);
/// The id of a comment or review; "0" likewise.
std::string id_in(const boost::json::object& of);

/// A check of a commit: a check run, or a status.
struct check_seen {
    enum class state { missing, running, green, red };
    std::string name;
    state how = state::missing;
    std::string page;
    std::optional<time_point> since = {};
};
/// The newest of each name.
std::vector<check_seen> checks_in(const boost::json::array& check_runs, const boost::json::array& statuses);

struct gate {
    std::vector<std::string> required; // names of checks
    std::optional<int> approvals;      // that it takes; nullopt: the token may not know
    bool queue = false;                // a rule has it take requests from its queue alone
};
/// Adds what a branch's protection, and its rules, require.
void require_by_branch(gate& of, const boost::json::object& branch);
void require_by_rules(gate& of, const boost::json::array& rules);

struct reviews_seen {
    int approvals = 0;
    std::string against; // a reviewer who wants changes
};
/// The newest word of each reviewer.
reviews_seen reviews_in(const boost::json::array& all);

/// `runs`: the page of a workflow run that waits for a person's word; empty: none does.
obstacle obstacle_in(const gate& what, const std::vector<check_seen>& checks, const reviews_seen& reviews,
                     const std::string& runs, time_point now);

} // namespace persais::forge
