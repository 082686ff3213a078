#pragma once
#include "i18n/phrase.hpp"

#include <array>
#include <string_view>

/// How the words of one language are written down.
namespace persais::i18n {

struct word_row {
    phrase key;
    std::string_view text;
};
inline constexpr auto phrase_count = static_cast<std::size_t>(phrase::last_);
using word_table = std::array<word_row, phrase_count>;

/// Each phrase once, in order: then a table is read by the phrase's number.
consteval bool is_in_order(const word_table& all) {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].key != static_cast<phrase>(i)) return false;
    return true;
}

const word_table& words_en();
const word_table& words_ru();

} // namespace persais::i18n
