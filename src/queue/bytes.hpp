#pragma once
#include <string>
#include <string_view>

namespace persais::queue {

/// A bytea as a parameter, and as the server writes it: \x61…
std::string bytea(std::string_view bytes);
std::string from_bytea(std::string_view text);

} // namespace persais::queue
