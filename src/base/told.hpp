#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

/// Sentences for people that are made where nobody knows in which language they will be read. The English one is what
/// is logged, stored and given to programs; whoever shows it to a person asks russian_of() for the other.
namespace persais {

/// A text that is a template's argument.
template <std::size_t N>
struct literal {
    std::array<char, N> text{};
    // NOLINTNEXTLINE(*-explicit-*): it stands for the text
    consteval literal(const char (&s)[N]) { std::copy_n(s, N, text.begin()); }
    constexpr operator std::string_view() const { return {text.data(), N - 1}; }
};

/// A number in a sentence: "{}" is the number, "{:file|files}" the form of a word that goes with it. Two forms are
/// English, three ("{:файл|файла|файлов}") Russian.
struct number {
    std::int64_t n;
};
/// Which of two (English) or three (Russian) forms of a word goes with a number: 0 for one, the last for many.
std::size_t form_index(std::int64_t n, std::size_t forms);
/// That form of "file|files".
std::string_view form_of(std::string_view forms, std::int64_t n);

namespace told_words {

/// A sentence as it is written, in both languages.
struct pair {
    std::string_view english, russian;
};

constexpr bool cyrillic(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return c == '\xD0' || c == '\xD1'; });
}
constexpr bool latin(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}
/// Whether these are English and Russian, in this order. What has no letters, but arguments, may be either.
constexpr bool are_two_languages(std::string_view english, std::string_view russian) {
    return !cyrillic(english) && (cyrillic(russian) || !latin(russian));
}

/// The letters and other signs of a format outside of its arguments.
constexpr std::size_t own_words(std::string_view format) {
    std::size_t n = 0;
    bool inside = false;
    for (char c : format) {
        inside = c == '{' || (inside && c != '}');
        n += !inside && c != '}' && c != ' ' && c != ':' && c != '.' && c != ',';
    }
    return n;
}

/// A bit for each argument that a format names.
constexpr std::uint64_t arguments(std::string_view format) {
    std::uint64_t used = 0;
    unsigned next = 0;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] != '{' && format[at] != '}') continue;
        if (at + 1 < format.size() && format[at + 1] == format[at]) {
            ++at;
            continue;
        }
        if (format[at] == '}') continue;
        bool named = at + 1 < format.size() && format[at + 1] >= '0' && format[at + 1] <= '9';
        used |= std::uint64_t{1} << (named ? static_cast<unsigned>(format[at + 1] - '0') : next++);
    }
    return used;
}

/// Each sentence of the program is an entry of one section, which the linker puts together.
template <literal English, literal Russian>
struct entry {
    static_assert(are_two_languages(English, Russian), "first the English, then the Russian");
    static_assert(arguments(English) == arguments(Russian), "both languages say the same arguments");
    static_assert(own_words(English) >= 3, "a sentence is known by its words, and arguments alone have none");
    [[gnu::section("persais_told"), gnu::used, gnu::retain]] static constexpr pair both{English, Russian};
};

} // namespace told_words

/// The English sentence, of which russian_of() knows the Russian: told<"There is no task {}.", "Задачи {} нет.">(17).
/// Both are formats of {fmt}, checked for the arguments at compile time. What is quoted (a path, what git said) is an
/// argument, and so is another such sentence.
template <literal English, literal Russian, class... Arguments>
std::string told(Arguments&&... arguments) {
    static_cast<void>(&told_words::entry<English, Russian>::both);
    constexpr fmt::format_string<Arguments...> english{std::string_view(English)};
    [[maybe_unused]] constexpr fmt::format_string<Arguments...> russian{std::string_view(Russian)};
    return fmt::format(english, std::forward<Arguments>(arguments)...);
}

/// As told(), for a table: a sentence, or a word that stands as an argument in one, without arguments of its own.
template <literal English, literal Russian>
constexpr std::string_view told_view() {
    return told_words::entry<English, Russian>::both.english;
}

/// The Russian of what told() made, one sentence or several, each of whose arguments may be such sentences too. What
/// an argument says otherwise stays as it is. nullopt: some of it is nobody's sentence here.
std::optional<std::string> russian_of(std::string_view english);

} // namespace persais

template <>
struct fmt::formatter<persais::number> {
    constexpr auto parse(format_parse_context& context) {
        const auto* end = std::find(context.begin(), context.end(), '}');
        forms = {context.begin(), static_cast<std::size_t>(end - context.begin())};
        return end;
    }
    template <class Context>
    auto format(const persais::number& number, Context& context) const {
        return forms.empty() ? fmt::format_to(context.out(), "{}", number.n)
                             : fmt::format_to(context.out(), "{}", persais::form_of(forms, number.n));
    }
    std::string_view forms;
};
