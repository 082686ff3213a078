#pragma once
#include "cli/limits.hpp"

#include <cstdio>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

/// Makes text that others wrote (models, checks, people, file names) safe to print on a terminal.
namespace persais::cli {

/// The columns of `out` when it is a terminal; else COLUMNS; else limits::columns_elsewhere.
std::size_t columns_of(std::FILE* out);

/// One line of at most `columns`: printable, each run of white space as one space; "…" at the end when it was cut.
std::string fit(std::string_view text, std::size_t columns);

/// `text` with spaces behind it up to `columns`; a longer one is not cut.
std::string padded(std::string_view text, std::size_t columns);

/// Printable text, in which every line but the first begins with `indent`; without white space at its end.
std::string indented(std::string_view text, std::string_view indent);

/// Leaves nothing out, for text that is to be reviewed (a diff): control characters, and characters that are hidden or
/// change the direction of writing, are spelled out (^[, <U+202E>); bytes that are not UTF-8 become <FF>. Newlines and
/// tabs stay.
std::string spelled_out(std::string_view text);

/// `text` between the sequences of an SGR code ("1;32"), or as it is without `colour`.
std::string painted(std::string_view text, std::string_view code, bool colour);

/// A JSON object as one line, with its newline. Control characters beyond ASCII's are escaped too, so that a string's
/// contents have no effect on a terminal.
std::string json_line(const boost::json::value& object);

/// Writes and flushes. False: the reader is gone, or the disk is full, and no more should be written.
bool put(std::FILE* out, std::string_view text);

} // namespace persais::cli
