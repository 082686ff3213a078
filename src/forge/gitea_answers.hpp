#pragma once
#include "forge/json_api.hpp"
#include "forge/requests.hpp"

#include <boost/json/array.hpp>

namespace persais::forge {

// What the API of Gitea and Forgejo answers about pull requests, read; no request is made here.

namespace gitea {

// Of `merge_info`, because there is no word of the forge's own: what the base branch requires is kept apart from that.
inline constexpr std::string_view is_ready = "ready", is_unknown = "unknown", is_blocked = "blocked",
                                  is_outdated = "outdated", may_not_merge = "right";

request request_in(const boost::json::object& pull);
readiness readiness_of(const request& which);
/// Whether it brings this branch of the repository itself into that one.
bool is_of(const boost::json::object& pull, std::string_view branch, std::string_view base);
/// Whether its branch stands on all that the base branch has.
bool stands_on_base(const boost::json::object& pull);

/// The title without the words that make a request a draft.
std::string without_draft(std::string title);

/// What a branch requires, as far as the API shows it to a token that may write.
struct branch_rules {
    bool may_merge = true;
    int approvals = 0;
    bool checks = false;               // statuses have to be good: all of them, or
    std::vector<std::string> contexts; // at least one for each of these patterns
};
branch_rules rules_in(const boost::json::object& branch);

/// `statuses`: the newest of each context. `none`: nothing that can be seen keeps a request from being merged.
obstacle obstacle_in(const branch_rules& rules, const boost::json::array& statuses, const boost::json::array& reviews,
                     time_point now);

/// `*`, which stands for any characters without a slash, `**` for any, `?` for one.
bool fits(std::string_view pattern, std::string_view text);

/// The ways of merging that a repository allows, the best first.
std::vector<std::string> ways_in(const boost::json::object& repository);

} // namespace gitea

} // namespace persais::forge
