#pragma once
#include "config/settings.hpp"

namespace persais::cli {

/// Logs go to standard error: text on a terminal, JSON lines elsewhere, unless LOG_FORMAT says.
void set_up_log(const config::settings& settings);

} // namespace persais::cli
