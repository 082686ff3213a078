#pragma once
#include "config/settings.hpp"

#include <functional>

namespace persais::config {

/// Applies what depends on several settings: defaults derived from other values, the normal spelling of addresses and
/// models, and values that contradict each other. Returns the errors, one line each. `variable` returns a variable of
/// the environment and .env.
std::vector<std::string> relate(settings& all,
                                const std::function<std::optional<std::string>(std::string_view)>& variable);

/// What a service works without, but hardly usefully: one sentence each, to be told at its start.
std::vector<std::string> missing(const settings& all);

} // namespace persais::config
