#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::doctor {

/// A name's new value in a .env; none: its line becomes a comment.
struct env_edit {
    std::string name;
    std::optional<std::string> value;
};

/// `text` with these edits and every other byte as it was: a name's line (the last one, which counts) is rewritten
/// where it stands, with its `export` and its comment; names that have no line yet come at the end.
std::string edited(std::string_view text, const std::vector<env_edit>& edits);

/// As config::read_dotenv reads it back: bare where that is safe, else in double quotes.
std::string env_value(std::string_view value);

/// Replaces the file in one step, mode 0600; a link is followed. An error is one sentence; the old file is whole then.
result<void> write_env_file(std::filesystem::path file, std::string_view text);

} // namespace persais::doctor
