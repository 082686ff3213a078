#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

struct dotenv {
    std::map<std::string, std::string> variables;
    std::map<std::string, int> lines; ///< where each stands, from 1
    std::vector<std::string> errors;  ///< "line 3: …"; never shows the line: it may hold a secret
};

/// Lines `NAME=value`, `export NAME=value`, `# comment`; LF or CRLF; a byte order mark is skipped; of a name that comes
/// twice the last one counts. A value may stand in 'single quotes' (as it is) or "double quotes" (\n \t \" \\ \$ are
/// escapes) and ends on its line; a line that is no UTF-8, or holds a zero byte, is an error; outside quotes ` #
/// comment` is cut off, while a # without a blank before it stays.
dotenv read_dotenv(std::string_view text);

} // namespace persais::config
