#pragma once
#include "config/settings.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace persais::app {

struct serve_options {
    std::filesystem::path exe_folder; // the folder of this program
    std::string version;
    std::function<void(const config::settings&)> renew_log;   // called after a reload
    std::function<void(const secret&)> hide;                  // keeps a secret that is in no setting out of the log
    std::function<std::string(std::string_view)> line_of_log; // for the last message of a stuck process; any thread
};

} // namespace persais::app
