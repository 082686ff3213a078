#pragma once
#include "i18n/said.hpp"

/// The language that a terminal is spoken to in. What programs read (JSON, names of settings and states) has none.
namespace persais::cli {

/// Of LC_ALL, LC_MESSAGES or LANG.
i18n::language tongue();

/// A sentence, or a part of a line, in that language: said<"Task {} is aborted.", "Задача {} прервана.">(17).
template <literal English, literal Russian, class... Arguments>
std::string said(Arguments&&... arguments) {
    return i18n::said<English, Russian>(tongue(), std::forward<Arguments>(arguments)...);
}

/// What another folder said in English, sentence by sentence; what is nobody's sentence of ours (git's words, a
/// system's) stays as it is.
std::string in_tongue(std::string_view english);

} // namespace persais::cli
