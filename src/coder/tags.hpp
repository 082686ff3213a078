#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an agent's map of a repository knows of a file's content (agent/README.md, `tags`): kept for all tasks of the
/// repository, lent to each read-only, and told by each. A row is "ID LANGUAGE JSON"; the first two name the content.
namespace persais::coder {

/// Reads a row that a task told. The result is written anew from what was read, with nothing of its bytes; nullopt when
/// it is no such row, or over a limit.
std::optional<std::string> read_tag_row(std::string_view row);

/// Puts new rows (results of read_tag_row) before those that are kept, one a line, and takes rows away at the end when
/// they are more than `most` bytes. A content that is known already keeps its new row.
std::string merged_tags(std::string_view kept, const std::vector<std::string>& told, std::size_t most);

} // namespace persais::coder
