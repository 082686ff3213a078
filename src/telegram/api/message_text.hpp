#pragma once
#include "telegram/api/limits.hpp"
#include "telegram/api/styled.hpp"

/// Building messages: pieces are values that are put together with `+`. Whatever others wrote goes through `shown` on
/// its way, so any bytes may be given to these functions.
namespace persais::telegram {

styled plain(std::string_view text);
styled bold(std::string_view text);
styled italic(std::string_view text);
styled code(std::string_view text);
/// A block; `language` colours it where the client can.
styled pre(std::string_view text, std::string_view language = {});
/// Plain where `address` is no http or https address.
styled linked(std::string_view label, std::string_view address);
/// Folded when it is long; what is inside keeps its styles.
styled quote(const styled& inside);

styled& operator+=(styled& to, const styled& part);
styled operator+(styled to, const styled& part);

/// Without the white space that Telegram takes off both ends, and without entities that show nothing.
styled trimmed(styled t);

/// Nothing in it can be seen: Telegram refuses to send it.
bool is_blank(std::string_view text);

/// As many messages as it takes, each trimmed, not blank, and of at most `most` UTF-16 units and
/// limits::telegram_entities. Cut at the end of a line where that is not too far, else at a space, else between
/// characters as people see them. An entity that is cut goes on in the next part.
std::vector<styled> parts(const styled& whole, std::size_t most = limits::telegram_text_units);

/// One message: "…" stands for what is left out at its end.
styled truncated(const styled& whole, std::size_t most = limits::telegram_text_units);

} // namespace persais::telegram
