#pragma once
#include "forge/json_api.hpp"
#include "forge/requests.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace persais::forge {

// What GitLab's and Gitea's answers have in common when they are not what was asked for.

/// A forge as its sentences name it, and what its token needs.
struct forge_words {
    std::string_view name;
    std::string needs; // a sentence
};

/// The forge's own words: one line, and not all of it when it is long.
std::string words_in(const json_api::reply& came);

/// `doing` is what was tried, in the reader's language. A conflict (409) is `refused`: who asked knows better.
trouble trouble_in(const forge_words& forge, const json_api::reply& came, const std::string& doing);
trouble trouble_of(const forge_words& forge, const refusal& why);
/// For an answer without what was asked for, though its status is good.
trouble no_answer(const forge_words& forge);

/// A time as an API writes it: 2026-11-30T12:00:00Z, 2026-11-30T12:00:00.123Z or with an offset such as +01:00.
std::optional<time_point> any_time_in(std::string_view text);

} // namespace persais::forge
