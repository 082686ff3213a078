#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

/// What readers see of a character, by the Unicode that utf8proc knows (15.0 with its version 2.8).
namespace persais::unicode {

struct character {
    char32_t code = 0;
    std::size_t bytes = 0; // 0: no valid UTF-8 stands at the start
};
character first_character(std::string_view s);

/// Readers see nothing of it, or it makes them see other text than a program does (CVE-2021-42574), or nobody knows
/// what it looks like because it is not assigned. Controls (Cc) are not among them.
bool is_hidden(char32_t c);

/// Whether a hidden character is a part of how its neighbours are written: a joiner within an emoji or next to a letter
/// of a script that needs it, a variant of an emoji. The neighbours are what is shown; 0: nothing.
bool shapes_neighbours(char32_t before, char32_t c, char32_t after);

/// Finds where characters as people see them end: accents, flags and joined emoji stay whole.
class clusters {
public:
    /// Whether one begins with `next`, which follows the character of the call before.
    bool begins(char32_t next);

private:
    char32_t before_ = 0;
    std::int32_t state_ = 0;
    bool first_ = true;
};

/// The bytes of the first character as people see it; what is no UTF-8 counts byte by byte.
std::size_t first_cluster_bytes(std::string_view s);

/// The columns that a terminal takes for it: 2 for wide characters and emoji. Controls and what is no UTF-8 are not
/// expected.
std::size_t columns(std::string_view s);

} // namespace persais::unicode
