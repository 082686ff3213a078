#pragma once
#include <string>
#include <string_view>

namespace persais::cli {

/// Writes text to standard output. On a terminal with a person before it, what is longer than the screen goes through
/// PAGER (`less` when that is not set; none when it is empty or "cat"). Returns when the person has read it.
void page(std::string_view text);

/// At most so many whole lines of the text; what is left out is counted in `left_out`.
std::string first_lines(std::string_view text, std::size_t lines, std::size_t& left_out);

} // namespace persais::cli
