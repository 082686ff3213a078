#pragma once
#include "i18n/format.hpp"
#include "i18n/said.hpp"
#include "telegram/api/message_text.hpp"

#include <concepts>
#include <initializer_list>
#include <optional>

namespace persais::telegram {

using i18n::ago;
using i18n::in;
using i18n::language;
using i18n::language_from;
using i18n::money;
using i18n::phrase;
using i18n::span;
using i18n::words;

/// What replaces a placeholder: a number, text that others may have written, or styled pieces.
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

/// Who reads a message. Somebody who is not known to be an admin, as in a group, is told whom to ask for what only an
/// admin can do; an admin is told how it is done. A language alone stands for a reader who is no admin.
struct reader {
    language tongue;
    bool admin;

    reader(language l, bool is_admin = false) : tongue(l), admin(is_admin) {}
    operator language() const { return tongue; }
};

/// The phrase as a message. A placeholder that gets no value stays as it is written, so that a test sees it.
styled say(reader r, phrase p, std::initializer_list<filling> with = {});
/// The text alone, for buttons and for answers to a press.
std::string say_plain(reader r, phrase p, std::initializer_list<filling> with = {});

} // namespace persais::telegram
