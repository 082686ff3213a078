#pragma once
#include "config/settings.hpp"

#include <spdlog/common.h>

namespace persais::cli {

/// Logs go to standard error: text on a terminal, JSON lines elsewhere, unless LOG_FORMAT says. Nothing below
/// `quietest` is written unless LOG_LEVEL is set in the environment: a person at a terminal reads the report instead.
void set_up_log(const config::settings& settings, spdlog::level::level_enum quietest);

} // namespace persais::cli
