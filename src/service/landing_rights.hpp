#pragma once
#include "base/async.hpp"
#include "config/settings.hpp"
#include "queue/tasks.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::service {

// A last look, right before something is pushed or merged: whether those on whose word it stands may say it still
// (decision 0075).

/// Why a landing may not be any more: a sentence; nullopt: it may. Throws store::db_error.
awaitable<std::optional<std::string>> right_lost_by(const config::settings& settings, queue::requests& queue,
                                                    mechanic::task landing);

/// Of landings that one push is to bring with another's, in order: those up to the first one that may not be any more,
/// or that goes no further for another reason. Throws store::db_error.
awaitable<std::vector<queue::leases::joined>> with_rights(const config::settings& settings, queue::leases& leases,
                                                          queue::requests& queue,
                                                          std::vector<queue::leases::joined> all);

} // namespace persais::service
