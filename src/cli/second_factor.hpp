#pragma once
#include "app/database.hpp"

#include <optional>
#include <string>

namespace persais::cli {

/// Proves with a code of the authenticator app that the person at the terminal has it: with the one that was given
/// (--code), else with one that is asked for without echo. nullopt: it is right; else the exit code, and what was wrong
/// is said.
awaitable<std::optional<int>> prove_here(const char* word, std::string given, store::pool& db,
                                         const config::settings& settings);

} // namespace persais::cli
