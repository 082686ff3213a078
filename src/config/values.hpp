#pragma once
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

// These parse a text. The error says what is wrong, to be written after "NAME: ".

/// Parses `500ms`, `10s`, `15m`, `2h`, `7d`: a whole number and one unit.
result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// Formats as 15m, 10s, 500ms: in the largest unit that leaves a whole number.
std::string show_duration(std::chrono::milliseconds duration);
/// Parses dollars: `2`, `0.25`; neither negative nor more than a million.
result<double> parse_money(std::string_view text);
/// Parses a number from `least` to `most`, both included.
result<int> parse_whole(std::string_view text, int least, int most);
/// Parses on, off, true, false, yes, no, 1, 0.
result<bool> parse_boolean(std::string_view text);
/// Parses `123456, 789012`: positive numbers, each once; the order is kept.
result<std::vector<std::int64_t>> parse_ids(std::string_view text);

} // namespace persais::config
