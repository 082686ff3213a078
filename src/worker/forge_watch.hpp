#pragma once
#include "forge/requests.hpp"
#include "worker/health_watch.hpp"

namespace persais::worker {

/// Whether the forge is asked at all: one that cannot say how a deployment does is passed over where an address can.
bool asks_forge(const forge::requests& at, bool has_address);

/// One look at what the forge says of a commit's deployment. `has`: as in health_question. What the forge says failed
/// is over; what it does not say, because it is away, does not let the token, has nothing of the commit or has
/// cancelled that, is not known.
awaitable<health_sign> look_at_forge(forge::requests& at, forge::deployment_question about,
                                     std::function<awaitable<std::optional<bool>>(std::string)> has);

} // namespace persais::worker
