#pragma once
#include "base/host_rules.hpp"
#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::checks {

/// `.persais.toml`, always from the base commit, so that an agent cannot weaken the checks of its own work.
struct repository_file {
    std::optional<std::string> setup;
    std::optional<std::string> check;
    std::optional<std::chrono::milliseconds> timeout; // of one run of the checks
    std::optional<std::string> base;
    std::optional<int> depth;               // newest commits that trees show; 0: all
    std::vector<std::string> allow;         // gitignore patterns; empty: everything
    std::vector<std::string> protect;       // gitignore patterns
    std::vector<std::string> outside_links; // gitignore patterns of links that may lead out of the repository
    std::vector<std::string> secrets_in;    // gitignore patterns of files in which nothing counts as a credential
    std::vector<std::string> secret_rules;  // names of rules (leaks/scanner.hpp) by which nothing does
    std::vector<std::string> env;           // names of environment variables that the checks need
    bool submodules = false;                // whether trees have the contents of submodules
    bool lfs = false;                       // and of files in LFS
    host_rules setup_hosts;                 // that setup reaches as well; public ones only
    // Beside the file, and never by it: what admins have set for the repository.
    std::vector<std::string> allow_of_admins; // what may be changed has to be in both; empty: everything
    std::vector<std::string> protect_of_admins;
};

inline constexpr std::string_view repository_file_name = ".persais.toml";

/// An error is one sentence with the line: what is wrong and what is allowed. Unknown keys are errors.
result<repository_file> parse_repository_file(std::string_view text);

/// The first of `paths` that may not be changed: it is protected, outside what is allowed, or `.persais.toml` itself.
/// The file adds to what admins protect and narrows what they allow; it loosens neither.
/// nullopt: there is none. A path counts as protected in any spelling that is the same file on some file system, and as
/// allowed in its own spelling only.
std::optional<std::string> first_forbidden(const repository_file& rules, const std::vector<std::string>& paths);

} // namespace persais::checks
