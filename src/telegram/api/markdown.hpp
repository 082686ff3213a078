#pragma once
#include "telegram/api/styled.hpp"

#include <string_view>

namespace persais::telegram {

/// Converts a model's text: fenced blocks, `code` and **bold** become entities; everything else, headings and lists
/// too, stays as it was written. Total: markup that is not closed stays text.
styled from_markdown(std::string_view words);

} // namespace persais::telegram
