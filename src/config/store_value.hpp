#pragma once
#include "config/table.hpp"

namespace persais::config {

/// Stores `value` (not empty, paths absolute) in the member that `each` names. Returns what is wrong with it; empty:
/// nothing.
std::string store_value(settings& made, const row& each, const std::string& value);

} // namespace persais::config
