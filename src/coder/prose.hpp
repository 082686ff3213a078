#pragma once
#include <string>
#include <string_view>

namespace persais::coder {

/// What a model said to people: its answer without the edits, which the diff shows. Those are SEARCH/REPLACE blocks
/// with the file's name and the fences around them; an answer that has none comes back as it is, trimmed.
std::string prose_of(std::string_view answer);

} // namespace persais::coder
