#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::checks {

/// A command, and the file that it was guessed from ("package.json", "Cargo.toml", …).
struct guessed {
    std::string command;
    std::string because;
};
struct guesses {
    std::optional<guessed> setup;
    std::optional<guessed> check;
};

/// Folders whose entries `guess` wants to see, too: "tests/test_sum.py".
inline constexpr std::string_view test_folders[] = {"tests", "test", "testing"};

/// What is tried, in this order, when a guessed setup fails; the last is none at all, an empty command.
std::vector<std::string> weaker_setups(const std::string& guessed);

/// Guesses how a repository is set up and checked. `names` are the entries of its top level and of the folders of
/// tests; `read` gives the text of one, nullopt when it is no readable file.
guesses guess(const std::vector<std::string>& names,
              const std::function<std::optional<std::string>(const std::string&)>& read);

} // namespace persais::checks
