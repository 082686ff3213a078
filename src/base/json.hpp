#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace persais {

/// JSON for people and programs alike: numbers as decimals (0.206), where Boost.JSON writes 2.06E-1.
std::string to_text(const boost::json::value& value);

// A member of an object that others wrote: an empty text or nothing when it is not there or is of another kind.
std::string text_in(const boost::json::object& of, std::string_view name);
std::optional<double> number_in(const boost::json::object& of, std::string_view name);
bool flag_in(const boost::json::object& of, std::string_view name);
const boost::json::object* object_in(const boost::json::object& of, std::string_view name);

} // namespace persais
