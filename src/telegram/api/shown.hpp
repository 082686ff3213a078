#pragma once
#include <string>
#include <string_view>

/// How text that others wrote (models, checks, people, file names) comes into a message.
namespace persais::telegram {

/// Nothing is left out, and nothing arrives that cannot be seen or that Telegram would change or drop: a control
/// character becomes its picture (␛, ␍), a character that is invisible or turns the direction of writing its number
/// (‹U+202E›), a byte that is no UTF-8 U+FFFD, a tab spaces up to the next multiple of four. Joiners stay where they
/// shape letters or emoji. Newlines stay.
std::string shown(std::string_view foreign);

/// For words: terminal sequences and control characters are left out (text::printable), then shown.
std::string shown_words(std::string_view foreign);

/// One line of at most `most` UTF-16 units: words, each run of white space as one space, "…" for what was cut.
std::string one_line(std::string_view foreign, std::size_t most);

} // namespace persais::telegram
