#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::doctor {

/// A name's new value in a .env; without a value its line becomes a comment.
struct env_edit {
    std::string name;
    std::optional<std::string> value;
};

/// `text` with these edits, and with every other byte as it was: a name's line (the last one, which counts) is
/// rewritten in its place, with its `export` and its comment; names without a line are added at the end.
std::string edited(std::string_view text, const std::vector<env_edit>& edits);

/// The value as config::read_dotenv reads it back: unquoted where that is safe, else in double quotes.
std::string env_value(std::string_view value);

/// Replaces the file atomically, with mode 0600; a symbolic link is followed. An error is one sentence; the old file is
/// intact then.
result<void> write_env_file(std::filesystem::path file, std::string_view text);

} // namespace persais::doctor
