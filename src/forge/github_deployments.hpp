#pragma once
#include "forge/github_repository.hpp"

namespace persais::forge {

// What GitHub says of deployments: those of an environment, or the workflow runs and check suites of a commit.

/// A deployment by its statuses, the newest first. One that a later one made inactive is what it was before.
deployment_seen deployment_in(const boost::json::object& deployment, const boost::json::array& statuses);
/// `runs` of a commit on a branch, the newest first, and `suites` of a commit, of which those of other apps on the
/// branch count that have run anything.
deployment_seen runs_in(const boost::json::array& runs, const boost::json::array& suites, std::string_view branch);

awaitable<outcome<deployment_seen>> deployment_at(github_repository& at, deployment_question about);

} // namespace persais::forge
