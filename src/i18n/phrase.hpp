#pragma once
#include <cstddef>

namespace persais::i18n {

/// Everything that Persais says in a chat. Names and texts are in i18n/phrases/; a placeholder {name} is filled when
/// the phrase is said (i18n/format.hpp).
enum class phrase {
#define PHRASE(name, english, russian) name,
#include "i18n/phrases/all.inc"
#undef PHRASE
    last_ // no phrase: the number of phrases
};

inline constexpr auto phrase_count = static_cast<std::size_t>(phrase::last_);

} // namespace persais::i18n
