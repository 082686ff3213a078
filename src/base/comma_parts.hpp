#pragma once
#include <string_view>
#include <vector>

namespace persais {

/// The parts of a list with commas between, trimmed; the empty ones too, so that there is at least one.
std::vector<std::string_view> comma_parts(std::string_view list);

} // namespace persais
