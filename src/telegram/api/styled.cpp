#include "telegram/api/styled.hpp"

#include <array>

namespace persais::telegram {

std::string_view to_string(style what) {
    static constexpr std::array<std::string_view, 7> words{
        "bold", "italic", "code", "pre", "text_link", "blockquote", "expandable_blockquote"};
    return words.at(static_cast<std::size_t>(what));
}

} // namespace persais::telegram
