#pragma once
#include "telegram/phrases.hpp"
#include "telegram/text.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

/// Saying things in a person's language.
namespace persais::telegram {

enum class language { en, ru };
/// "en", "ru": the database's and Telegram's word.
std::string_view spelling(language l);
/// Of the one that was chosen, else of an IETF tag of the person's client; anything but Russian is answered in English.
language language_from(std::string_view tag);

/// The phrase as it is written down: {name} for what is filled in, {name|file|files} for the form that goes with a
/// number (Russian has three: {name|файл|файла|файлов}); what stands between two ` is code.
std::string_view words(language l, phrase p);

/// What a placeholder is filled with: a number, text that others may have written, or pieces that are styled.
struct filling {
    std::string_view name;
    styled text;
    std::optional<std::int64_t> number;

    filling(std::string_view n, std::string_view s) : name(n), text(plain(s)) {}
    filling(std::string_view n, const std::string& s) : name(n), text(plain(s)) {}
    filling(std::string_view n, const char* s) : name(n), text(plain(s)) {}
    filling(std::string_view n, styled s) : name(n), text(std::move(s)) {}
    filling(std::string_view n, std::integral auto i) : name(n), number(static_cast<std::int64_t>(i)) {}
};

styled say(language l, phrase p, std::initializer_list<filling> with = {});
/// The text alone: for buttons, and words that answer a press.
std::string say_plain(language l, phrase p, std::initializer_list<filling> with = {});

/// Which form of a word goes with a number: 0 for one, 1 for few (Russian), the last for many.
std::size_t plural_form(language l, std::int64_t n);

/// "13 s", "2 min 5 s", "1 h 5 min", "3 d".
std::string span(language l, std::chrono::seconds time);
/// "3 h ago", "just now".
std::string ago(language l, std::chrono::seconds time);
/// "$0.0111", "$1.25", "$0".
std::string money(double usd);

} // namespace persais::telegram
