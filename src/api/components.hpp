#pragma once
#include <string_view>

#include <boost/json.hpp>

namespace persais::api {

/// The schemas of requests and answers by name, as `components/schemas` of the OpenAPI document. What the command line
/// prints too is that of docs/json.schema.json.
const boost::json::object& schemas();

} // namespace persais::api
