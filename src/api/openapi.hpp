#pragma once
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace persais::api {

/// The document of OpenAPI 3.1 about all operations.
boost::json::object openapi_document();
/// As it is served and stands in docs/openapi.json.
const std::string& openapi_text();

inline constexpr std::string_view root = "/api/v1";

} // namespace persais::api
