#pragma once
#include "config/table.hpp"

namespace persais::config {

/// Puts `value` (not empty, paths absolute) where `each` says. Gives what is wrong with it; empty: nothing.
std::string store_value(settings& made, const row& each, const std::string& value);

} // namespace persais::config
