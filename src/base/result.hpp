#pragma once
#include <expected>
#include <string>

namespace persais {

/// An expected outcome is a value; a broken world throws (style.md rule 4).
template <class T, class E = std::string>
using result = std::expected<T, E>;

/// Makes a failure that is one sentence: `return fail("…")`.
inline std::unexpected<std::string> fail(std::string sentence) {
    return std::unexpected(std::move(sentence));
}

} // namespace persais
