#pragma once
#include "memory/item.hpp"
#include "memory/twins.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// What `persais memory list` and `search` show.
std::string memory_words(const std::vector<memory::item>& all);
boost::json::object memory_json(const memory::item& one);

/// What a turn was given: "task 12; a note of 2026-05-03"; empty: nothing.
std::string given_words(const std::vector<memory::item>& all);
/// A sentence for each.
std::vector<std::string> twin_words(const std::vector<memory::twin>& all);

} // namespace persais::cli
