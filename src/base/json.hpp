#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace persais {

/// JSON for people and programs alike: numbers as decimals (0.206), where Boost.JSON writes 2.06E-1.
std::string to_text(const boost::json::value& value);

/// Text that others wrote; nothing when it is no object, or nested deeper. Boost.JSON's own bound of depth is 32.
std::optional<boost::json::object> parse_object(std::string_view text, std::size_t most_depth = 32);

// A member of an object that others wrote: an empty text or nothing when it is not there or is of another kind.
std::string text_in(const boost::json::object& of, std::string_view name);
/// Of an integer as it is written; 1.0 is none.
std::optional<std::int64_t> whole_in(const boost::json::object& of, std::string_view name);
std::optional<double> number_in(const boost::json::object& of, std::string_view name);
bool flag_in(const boost::json::object& of, std::string_view name);
const boost::json::object* object_in(const boost::json::object& of, std::string_view name);
const boost::json::array* array_in(const boost::json::object& of, std::string_view name);

} // namespace persais
