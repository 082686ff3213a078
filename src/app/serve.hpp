#pragma once
#include "app/serve_options.hpp"
#include "base/result.hpp"
#include "config/reloader.hpp"

namespace persais::app {

/// `persais serve`: the service, until SIGTERM or SIGINT. It listens before anything else, then brings up what working
/// on tasks needs, and retries for as long as that fails; /health says how far it is. The value is the exit code; an
/// error is one sentence that says why it cannot even listen (exit code 2). `settings` outlives it.
awaitable<result<int>> serve(config::reloader& settings, serve_options options);

} // namespace persais::app
