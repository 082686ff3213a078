#pragma once
#include "base/async.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persais::http {

using headers = std::vector<std::pair<std::string, std::string>>;
/// First value of a header, name in any case; empty when absent.
std::string_view header(const headers& all, std::string_view name);
/// The phrase of a status line, "Not Found"; empty or a general one for a number that has none.
std::string_view reason(int status);
/// `{"error":{"code":…,"message":…}}`, the form that OpenAI's clients read and a person understands.
std::string error_json(int status, std::string_view sentence);

/// A whole answer.
struct response {
    int status = 200;
    headers fields;
    std::string body;
};
/// `error_json`, not to be stored; with 503 the time after which it is worth to ask again.
response error_response(int status, std::string_view sentence);
/// Whether a handler ended with this because its client left or its work was cancelled: nobody is to be told.
bool client_left(const std::exception_ptr& error);

} // namespace persais::http
