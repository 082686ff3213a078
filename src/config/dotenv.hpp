#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

struct dotenv {
    std::map<std::string, std::string> variables;
    std::map<std::string, int> lines; ///< the line number of each, from 1
    std::vector<std::string> errors;  ///< "line 3: …"; never shows the line, because it may contain a secret
};

/// Parses lines `NAME=value`, `export NAME=value`, `# comment`; LF or CRLF; a byte order mark is skipped; of a name
/// that occurs twice the last one counts. A value may be in 'single quotes' (taken literally) or "double quotes" (\n \t
/// \" \\ \$ are escapes) and ends on its line. A line that is not UTF-8, or contains a zero byte, is an error. Outside
/// quotes ` # comment` is removed, while a # without a blank before it stays.
dotenv read_dotenv(std::string_view text);

} // namespace persais::config
