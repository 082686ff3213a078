#pragma once
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "service/remote_tokens.hpp"
#include "store/store.hpp"

#include <functional>

namespace persais::app {

/// The tokens of repositories and of the GitHub App, for work that is done without an engine; as far as the key that is
/// here opens them. `trouble` is told why there is none of the App. Throws store::db_error.
awaitable<service::remote_tokens> own_tokens(store::pool& db, const config::settings& settings, const clock& time,
                                             std::function<void(const std::string&)> trouble);

} // namespace persais::app
