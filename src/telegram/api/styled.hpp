#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace persais::telegram {

/// How a part of a text is shown.
enum class style { bold, italic, code, pre, text_link, blockquote, expandable_blockquote };
/// The API's word for the style.
std::string_view to_string(style what);

/// Offset and length in UTF-16 units.
struct entity {
    style what = style::bold;
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string extra = {}; // the language of a `pre`, the address of a `text_link`
    bool operator==(const entity&) const = default;
};

/// A text as it is sent: valid UTF-8 with entities instead of markup, so that nothing in it has to be escaped.
struct styled {
    std::string text;
    std::vector<entity> entities; // ordered by offset; of two that overlap one is inside the other, the outer one first
    bool operator==(const styled&) const = default;
};

} // namespace persais::telegram
