#pragma once
#include <string>
#include <string_view>

namespace persais::queue {

/// The bytes as a bytea parameter, in the form in which the server writes it: \x61…
std::string bytea(std::string_view bytes);
/// The bytes of a bytea as the server writes it. Throws std::invalid_argument when it is not hex.
std::string from_bytea(std::string_view text);

} // namespace persais::queue
