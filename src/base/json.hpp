#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>
#include <boost/json/storage_ptr.hpp>

namespace persais {

/// JSON for people and programs alike: numbers as decimals (0.206), where Boost.JSON writes 2.06E-1.
std::string to_text(const boost::json::value& value);

/// Parses text of another program; nothing when it is not an object, or nested deeper. Boost.JSON's own limit of depth
/// is 32. `memory`: where what is read is put.
std::optional<boost::json::object> parse_object(std::string_view text, std::size_t most_depth = 32,
                                                boost::json::storage_ptr memory = {});

// These read a member of another program's object: an empty text or nothing when it is missing or of another kind.
std::string text_in(const boost::json::object& of, std::string_view name);
/// Only for a number that is written as an integer; 1.0 is not one.
std::optional<std::int64_t> whole_in(const boost::json::object& of, std::string_view name);
/// Also for a number that is written as an integer.
std::optional<double> number_in(const boost::json::object& of, std::string_view name);
/// False when it is missing or not a boolean.
bool flag_in(const boost::json::object& of, std::string_view name);
/// These point into `of`; null when it is missing or of another kind.
const boost::json::object* object_in(const boost::json::object& of, std::string_view name);
const boost::json::array* array_in(const boost::json::object& of, std::string_view name);
/// The texts of a list; what is no text is left out, and what is no list has none.
std::vector<std::string> texts_in(const boost::json::object& of, std::string_view name);

} // namespace persais
