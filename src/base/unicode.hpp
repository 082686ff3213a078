#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

/// How characters are displayed, according to the Unicode version of utf8proc (15.0 with its version 2.8).
namespace persais::unicode {

struct character {
    char32_t code = 0;
    std::size_t bytes = 0; // 0: there is no valid UTF-8 at the start
};
/// Decodes the first code point.
character first_character(std::string_view s);

/// Whether it is a letter or a number of any script.
bool is_of_a_word(char32_t c);
/// The small letter of a capital one; any other character stays.
char32_t lower(char32_t c);

/// Whether readers do not see the character, or it makes them see other text than a program does (CVE-2021-42574), or
/// its look is unknown because it is not assigned. Controls (Cc) are not included.
bool is_hidden(char32_t c);

/// Whether a hidden character affects how its neighbours are written: a joiner within an emoji or next to a letter of a
/// script that needs it, a variant of an emoji. The neighbours are the displayed characters; 0: none.
bool shapes_neighbours(char32_t before, char32_t c, char32_t after);

/// Finds the ends of user-perceived characters (grapheme clusters): accents, flags and joined emoji stay whole.
class clusters {
public:
    /// Whether a cluster begins with `next`, which follows the character of the previous call.
    bool begins(char32_t next);

private:
    char32_t before_ = 0;
    std::int32_t state_ = 0;
    bool first_ = true;
};

/// The bytes of the first user-perceived character; each invalid byte counts as one.
std::size_t first_cluster_bytes(std::string_view s);

/// The columns that a terminal uses for the text: 2 for wide characters and emoji. The text must not contain controls
/// or invalid UTF-8.
std::size_t columns(std::string_view s);

} // namespace persais::unicode
