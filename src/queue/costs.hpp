#pragma once
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace persais::queue {

/// Of what there is a line for each.
enum class costs_of { day, repository, person, model, task };

/// What the calls to models of one day, repository, … came to. Dollars are as text, with all digits of the ledger.
struct cost_line {
    std::string name; // empty: not known, of calls from before it was written
    std::int64_t calls = 0;
    std::string usd;
    std::int64_t tokens_sent = 0, tokens_received = 0, tokens_cached = 0;
    std::string estimated_usd; // of `usd`: what no endpoint told
    std::string reserved_usd;  // of `usd`: for calls that are under way
};
/// The dearest first; days the newest first. `since` and `before`: days as 2026-11-30; nullopt: all. Throws
/// store::db_error.
awaitable<std::vector<cost_line>> costs(store::pool& db, costs_of what, std::optional<std::string> since,
                                        std::optional<std::string> before);

} // namespace persais::queue
