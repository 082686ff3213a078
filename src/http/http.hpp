#pragma once
#include "base/async.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::http {

using headers = std::vector<std::pair<std::string, std::string>>;
/// First value of a header, name in any case; empty when absent.
std::string_view header(const headers& all, std::string_view name);

} // namespace persais::http
