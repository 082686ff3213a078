#pragma once
#include <string>
#include <string_view>

/// Makes text that others wrote (models, checks, people, file names) safe to put into a message.
namespace persais::telegram {

/// Leaves nothing out, and returns nothing that is invisible or that Telegram would change or drop: a control character
/// becomes its picture (␛, ␍), a character that is invisible or changes the direction of writing becomes its number
/// (‹U+202E›), a byte that is not UTF-8 becomes U+FFFD, a tab becomes spaces up to the next multiple of four. Joiners
/// stay where they shape letters or emoji. Newlines stay.
std::string shown(std::string_view foreign);

/// For prose: terminal sequences and control characters are left out (text::printable), then `shown` is applied.
std::string shown_words(std::string_view foreign);

/// One line of at most `most` UTF-16 units, as by shown_words; each run of white space becomes one space, and "…"
/// replaces what was cut.
std::string one_line(std::string_view foreign, std::size_t most);

} // namespace persais::telegram
