#pragma once
#include "base/told.hpp"
#include "i18n/language.hpp"

namespace persais::i18n {

/// What is said where the language is known: the sentence stands there, in both. As told(), without being known to
/// russian_of(), so that it may be a word or a part of a line.
template <literal English, literal Russian, class... Arguments>
std::string said(language l, Arguments&&... arguments) {
    static_assert(told_words::are_two_languages(English, Russian), "first English, then Russian");
    static_assert(told_words::arguments(English) == told_words::arguments(Russian), "both say the same arguments");
    constexpr fmt::format_string<Arguments...> english{std::string_view(English)};
    constexpr fmt::format_string<Arguments...> russian{std::string_view(Russian)};
    return fmt::format(l == language::ru ? russian : english, std::forward<Arguments>(arguments)...);
}

/// Of a sentence that told() made: the words in this language. nullopt: it is nobody's sentence here, as what another
/// program said; it is shown as a quotation.
std::optional<std::string> in(language l, std::string_view english);

/// The language of the messages that the environment of a program asks for: LC_ALL, LC_MESSAGES, LANG, the first of
/// them that is not empty (POSIX). English for everything but Russian.
language language_of_environment();

} // namespace persais::i18n
