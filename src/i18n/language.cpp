#include "i18n/language.hpp"

#include "i18n/phrase_table.hpp"

#include <cstdlib>

namespace persais::i18n {

std::string_view to_string(language l) {
    return l == language::ru ? "ru" : "en";
}

language language_from(std::string_view tag) {
    return tag == "ru" || tag.starts_with("ru-") || tag.starts_with("ru_") ? language::ru : language::en;
}

std::string_view words(language l, phrase p) {
    const auto& table = l == language::ru ? words_ru() : words_en();
    return table.at(static_cast<std::size_t>(p)).text;
}

std::size_t plural_form(language l, std::int64_t n) {
    auto last = std::abs(n % 100);
    if (l == language::en) return n == 1 ? 0 : 1;
    if (last >= 11 && last <= 14) return 2;
    last %= 10;
    return last == 1 ? 0 : last >= 2 && last <= 4 ? 1 : 2;
}

} // namespace persais::i18n
