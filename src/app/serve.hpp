#pragma once
#include "base/result.hpp"
#include "config/reloader.hpp"

namespace persais::app {

struct serve_options {
    std::filesystem::path exe_folder; // where this program stands
    std::string version;
    std::function<void(const config::settings&)> renew_log;   // after a reload
    std::function<void(const std::string&)> hide;             // a secret that is in no setting, from the log
    std::function<std::string(std::string_view)> line_of_log; // for the last words of a stuck process; any thread
};

/// `persais serve`: the service, until SIGTERM or SIGINT. It listens before anything else, then brings up what working
/// on tasks needs, trying again for as long as the world is broken; /health says where it stands. The value is the exit
/// code; an error is one sentence of why it cannot even listen (exit code 2). `settings` outlives it.
awaitable<result<int>> serve(config::reloader& settings, serve_options options);

} // namespace persais::app
