#pragma once
#include <chrono>
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

/// Whether some of the rows that are kept are of more than limits::tags_days ago.
bool has_old_rows(std::string_view kept, std::chrono::sys_days today);

/// The id of the content that a row is about.
std::string_view content_of_row(std::string_view row);

/// Puts new rows (results of read_tag_row) before those that are kept, one a line, below a line that names their day. A
/// content that is known already keeps its row, so that nobody can write over what another task told. Rows of more than
/// limits::tags_days ago go, and at the end what is more than `most` bytes.
std::string merged_tags(std::string_view kept, const std::vector<std::string>& told, std::chrono::sys_days today,
                        std::size_t most);

} // namespace persais::coder
