#pragma once
#include "telegram/api/limits.hpp"
#include "telegram/api/styled.hpp"

/// Builds messages: pieces are values that are joined with `+`. Text that others wrote is passed through `shown`, so
/// that any bytes may be given to these functions.
namespace persais::telegram {

/// The text through `shown`, with one style or none.
styled plain(std::string_view text);
styled bold(std::string_view text);
styled italic(std::string_view text);
styled code(std::string_view text);
/// A code block; `language` colours it where the client can.
styled pre(std::string_view text, std::string_view language = {});
/// Plain text when `address` is no http or https address.
styled linked(std::string_view label, std::string_view address);
/// A quotation, collapsed when it is long; the text inside keeps its styles.
styled quote(const styled& inside);

styled& operator+=(styled& to, const styled& part);
styled operator+(styled to, const styled& part);

/// `t` without the white space that Telegram strips at both ends, and without entities that show nothing.
styled trimmed(styled t);

/// Nothing of the text is visible: Telegram refuses to send it.
bool is_blank(std::string_view text);

/// Splits into as many messages as needed, each trimmed, not blank, and of at most `most` UTF-16 units and
/// limits::telegram_entities. Cut at the end of a line where that is not too far, else at a space, else between
/// grapheme clusters. An entity that is cut continues in the next part.
std::vector<styled> parts(const styled& whole, std::size_t most = limits::telegram_text_units);

/// One message: "…" stands for what is left out at its end.
styled truncated(const styled& whole, std::size_t most = limits::telegram_text_units);

} // namespace persais::telegram
