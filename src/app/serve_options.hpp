#pragma once
#include "config/settings.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace persais::app {

struct serve_options {
    std::filesystem::path exe_folder; // where this program stands
    std::string version;
    std::function<void(const config::settings&)> renew_log;   // after a reload
    std::function<void(const secret&)> hide;                  // a secret that is in no setting, from the log
    std::function<std::string(std::string_view)> line_of_log; // for the last words of a stuck process; any thread
};

} // namespace persais::app
