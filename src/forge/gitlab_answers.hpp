#pragma once
#include "forge/json_api.hpp"
#include "forge/requests.hpp"

#include <boost/json/array.hpp>

namespace persais::forge {

// What GitLab's API answers about merge requests, read; no request is made here.

namespace gitlab {

request request_in(const boost::json::object& merge_request);
/// Whether its branch is one of the project itself, and not of a fork that has a branch of the same name.
bool is_of_the_project(const boost::json::object& merge_request);

/// Of `merge_info`: GitLab's `detailed_merge_status`, or one of these.
inline constexpr std::string_view in_a_queue = "persais:queue";     // a train, or an auto-merge that somebody set
inline constexpr std::string_view being_merged = "persais:merging"; // in this moment
inline constexpr std::string_view may_not_merge = "persais:right";  // the token's role may not merge into that branch
readiness readiness_of(const request& which);

/// The title without the words that make a request a draft.
std::string without_draft(std::string title);

/// How the project merges.
struct project_merging {
    bool train = false;  // by merge trains
    bool squash = false; // always as one commit
};
project_merging how_it_merges(const boost::json::object& project);

/// What a pipeline that has to pass says; `failed`: the jobs of a pipeline that did not.
obstacle obstacle_of_pipeline(const boost::json::object* pipeline, const boost::json::array& failed, time_point now);
/// The rule behind a word of `detailed_merge_status` that is neither about a pipeline nor about people.
std::string rule_in_words(std::string_view status);
/// Whoever asked for changes; empty: nobody is named.
std::string who_wants_changes(const boost::json::array& reviewers);
/// The page of the newest pipeline that failed in a train; empty: none did, or a newer one runs or passed.
std::string failed_in_a_train(const boost::json::array& pipelines, int number);

} // namespace gitlab

} // namespace persais::forge
