#pragma once
#include <string>
#include <string_view>

namespace persais::coder {

/// A model's answer without the edits, which the diff shows: SEARCH/REPLACE blocks with the file's name and the fences
/// around them. An answer without edits is returned as it is, trimmed.
std::string prose_of(std::string_view answer);

} // namespace persais::coder
