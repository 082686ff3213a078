#pragma once
#include <functional>
#include <optional>
#include <string>
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

/// Guesses from a repository's top level how it is set up and checked. `names` are the entries there; `read` returns
/// the text of one, nullopt when it is no readable file.
guesses guess(const std::vector<std::string>& names,
              const std::function<std::optional<std::string>(const std::string&)>& read);

} // namespace persais::checks
