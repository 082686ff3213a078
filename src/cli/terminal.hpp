#pragma once
#include "cli/limits.hpp"

#include <cstdio>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

/// How text that others wrote (models, checks, people, file names) comes onto a terminal.
namespace persais::cli {

/// The columns of the terminal that `out` is; else COLUMNS; else limits::columns_elsewhere.
std::size_t columns_of(std::FILE* out);

/// One line of at most `columns`: printable, each run of white space as one space; "…" at the end of what was cut.
std::string fit(std::string_view text, std::size_t columns);

/// With spaces behind it, so that it takes `columns` at least.
std::string padded(std::string_view text, std::size_t columns);

/// Printable, every line but the first begun with `indent`; nothing of white space at its end.
std::string indented(std::string_view text, std::string_view indent);

/// Nothing is left out, for text that is to be judged (a diff): what a terminal would obey, and characters that are
/// hidden or turn the direction of writing, are spelled out (^[, <U+202E>); bytes that are no UTF-8 become <FF>.
/// Newlines and tabs stay.
std::string spelled_out(std::string_view text);

/// A JSON object as one line, with its newline. Control characters beyond ASCII's are escaped too, so that no terminal
/// obeys what is in a string.
std::string json_line(const boost::json::value& object);

/// Writes and flushes. False: nobody reads any more, or the disk is full; then there is no sense in going on.
bool put(std::FILE* out, std::string_view text);

} // namespace persais::cli
