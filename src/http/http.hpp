#pragma once
#include "base/async.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persais::http {

using headers = std::vector<std::pair<std::string, std::string>>;
/// First value of a header, name in any case; empty when absent.
std::string_view header(const headers& all, std::string_view name);
/// The phrase of a status line, "Not Found"; "Unknown" for a number that has none.
std::string_view reason(int status);
/// `{"error":{"code":…,"message":…}}`, the form that OpenAI's clients read and a person understands.
std::string error_json(int status, std::string_view sentence);

} // namespace persais::http
