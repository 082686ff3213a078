#pragma once
#include "config/settings.hpp"

#include <functional>

namespace persais::config {

/// What one value alone does not show: defaults that come from other values, one spelling for addresses and models, and
/// values that do not go together. Gives what is wrong, one line each. `variable`: of the environment and .env.
std::vector<std::string> relate(settings& all,
                                const std::function<std::optional<std::string>(std::string_view)>& variable);

} // namespace persais::config
