#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

/// Telegram counts in UTF-16 code units; our texts are UTF-8.
namespace persais::telegram {

/// The number of bytes of the UTF-8 character at the start of `s`, by its first byte, and at most what `s` has; 0 when
/// `s` is empty.
std::size_t character_bytes(std::string_view s);

/// 2 for a character of four bytes, else 1.
std::size_t units_of(std::string_view character);

/// The number of UTF-16 units of valid UTF-8.
std::size_t units(std::string_view s);

/// The byte at which the unit with that number begins, s.size() for the one behind the last; nullopt: inside a
/// character, or beyond the end.
std::optional<std::size_t> byte_of_unit(std::string_view s, std::size_t unit);

/// The longest prefix of at most `most` units that cuts no character.
std::string_view first_units(std::string_view s, std::size_t most);

} // namespace persais::telegram
