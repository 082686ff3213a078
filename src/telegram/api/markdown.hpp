#pragma once
#include "telegram/api/styled.hpp"

#include <string_view>

namespace persais::telegram {

/// A model's words: fenced blocks, `code` and **bold** become entities; everything else, headings and lists too, stays
/// as it was written. Total: whatever is open at the end is no markup.
styled from_markdown(std::string_view words);

} // namespace persais::telegram
