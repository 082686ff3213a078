#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

/// Telegram counts in UTF-16 code units; our texts are UTF-8.
namespace persais::telegram {

/// Bytes of the UTF-8 character at the start of `s`, by its first byte and never more than there are; 0 of nothing.
std::size_t character_bytes(std::string_view s);

/// 2 of a character of four bytes, else 1.
std::size_t units_of(std::string_view character);

/// UTF-16 units of valid UTF-8.
std::size_t units(std::string_view s);

/// Where the unit with that number begins, s.size() for the one behind the last; nullopt: inside a character, or
/// beyond.
std::optional<std::size_t> byte_of_unit(std::string_view s, std::size_t unit);

/// The longest beginning of at most `most` units that cuts no character.
std::string_view first_units(std::string_view s, std::size_t most);

} // namespace persais::telegram
