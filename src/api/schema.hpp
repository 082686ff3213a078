#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace persais::api {

/// Why `value` is not as a JSON Schema says (2020-12, the part of it that requests need): a sentence that names the
/// place; nullopt: it is. `name`: what the value is called in the sentence. Throws std::logic_error for a keyword that
/// it does not know, so that no rule is written down that nothing holds.
std::optional<std::string> fault_of(const boost::json::value& value, const boost::json::object& schema,
                                    std::string_view name);

/// A parameter's text as the value that its schema means: a number, true or false, or the text itself.
boost::json::value value_of(std::string_view text, const boost::json::object& schema);

} // namespace persais::api
