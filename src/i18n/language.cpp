#include "i18n/language.hpp"

#include <algorithm>
#include <array>

namespace persais::i18n {

namespace {

struct phrase_words {
    std::string_view name;
    std::string_view english;
    std::string_view russian;
};
/// Indexed by the phrase's number.
constexpr std::array<phrase_words, phrase_count> table{{
#define PHRASE(name, english, russian) {#name, english, russian},
#include "i18n/phrases/all.inc"
#undef PHRASE
}};
static_assert(std::ranges::none_of(table, [](auto& w) { return w.english.empty() || w.russian.empty(); }),
              "each phrase has words in both languages");

} // namespace

std::string_view to_string(language l) {
    return l == language::ru ? "ru" : "en";
}

language language_from(std::string_view tag) {
    return tag == "ru" || tag.starts_with("ru-") || tag.starts_with("ru_") ? language::ru : language::en;
}

std::string_view words(language l, phrase p) {
    const auto& both = table.at(static_cast<std::size_t>(p));
    return l == language::ru ? both.russian : both.english;
}

std::string_view name_of(phrase p) {
    return table.at(static_cast<std::size_t>(p)).name;
}

phrase for_admin(phrase p) {
    auto next = static_cast<std::size_t>(p) + 1;
    if (next == phrase_count) return p;
    auto name = table.at(next).name;
    constexpr std::string_view ending = "_admin";
    bool its = name.ends_with(ending) && name.substr(0, name.size() - ending.size()) == name_of(p);
    return its ? static_cast<phrase>(next) : p;
}

} // namespace persais::i18n
