#pragma once
#include "i18n/language.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace persais::i18n {

/// A part of a phrase, in order; the views point into the phrase.
struct piece {
    enum class kind { text, code, placeholder } what = kind::text;
    std::string_view text;       ///< for a placeholder: as it is written, with its braces
    std::string_view name = {};  ///< only for a placeholder
    std::string_view forms = {}; ///< "file|files": the form for a number is wanted, not the value; empty: the value
};
/// The phrase's text split at its placeholders and at its code.
std::vector<piece> pieces(language l, phrase p);

/// "13 s", "2 min 5 s", "1 h 5 min", "3 d".
std::string span(language l, std::chrono::seconds time);
/// "3 h ago", "just now".
std::string ago(language l, std::chrono::seconds time);
/// "$0.0111", "$1.25", "$0".
std::string money(double usd);
/// "830 kB", "1.2 MB", "3.4 GB".
std::string size(language l, std::uint64_t bytes);

} // namespace persais::i18n
