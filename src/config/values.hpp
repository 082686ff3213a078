#pragma once
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

// What a text means. An error is what is wrong with it, to stand after "NAME: ".

/// `500ms`, `10s`, `15m`, `2h`, `7d`; a whole number and one unit.
result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// 15m, 10s, 500ms: in the largest unit that leaves a whole number.
std::string show_duration(std::chrono::milliseconds duration);
/// Dollars: `2`, `0.25`; neither negative nor more than a million.
result<double> parse_money(std::string_view text);
/// Within least and most, both included.
result<int> parse_whole(std::string_view text, int least, int most);
/// on, off, true, false, yes, no, 1, 0.
result<bool> parse_boolean(std::string_view text);
/// `123456, 789012`: positive numbers, each once, in the order given.
result<std::vector<std::int64_t>> parse_ids(std::string_view text);

} // namespace persais::config
