#pragma once
#include "config/settings.hpp"

#include <span>
#include <string_view>
#include <variant>

namespace persais::config {

enum class group { service, database, telegram, model, git, tasks, deployment, keeping, voice };

using check = std::string (*)(std::string_view);
using texts = std::span<const std::string_view>;

// The type of a value, and its member of `settings`.
struct text {
    std::string settings::* to;
    check wrong;
};
struct hidden {
    secret settings::* to;
    check wrong;
};
struct folder {
    std::filesystem::path settings::* to;
};
struct file {
    std::string settings::* to;
};
struct command {
    std::string settings::* to;
};
struct choice {
    std::string settings::* to;
    texts among;
};
struct mode_of {
    mode settings::* to;
};
struct whole {
    std::variant<int settings::*, std::optional<int> settings::*> to;
    int least, most;
    std::string_view none = {}; ///< the word for no number, where there is one
};
struct duration {
    std::chrono::milliseconds settings::* to;
    std::chrono::milliseconds least, most;
};
struct money {
    std::variant<double settings::*, std::optional<double> settings::*> to;
};
struct flag {
    bool settings::* to;
};
struct ids {
    std::vector<std::int64_t> settings::* to;
};

using kind = std::variant<text, hidden, folder, file, command, choice, mode_of, whole, duration, money, flag, ids>;

struct row {
    std::string_view name;
    group in;
    kind is;
    std::string_view standard;  ///< the default, as a user would write it; empty: not set
    std::string_view otherwise; ///< what happens when it is not set, in words, where `standard` is empty
    std::string_view meaning;
    bool read; ///< false: nothing reads it yet, and docs/settings.md says so
    bool live; ///< a changed value takes effect while the service runs; false: at its next start
    std::string_view alias = {};
};

/// All settings, in the order of the documents. The documents, .env.example, the known names, the defaults and the
/// reading are all derived from it.
std::span<const row> table();

std::string_view title(group of);
bool is_secret(const row& of);
/// The form of the values, for the documents: `15m`-like, `a, b or c`, `on or off`.
std::string form(const row& of);

} // namespace persais::config
