#pragma once
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persais::memory {

/// One thing that is remembered of a repository, at most limits::memory_item_bytes.
struct item {
    std::int64_t id = 0;
    std::string remote;
    std::string kind;            // change, checks, answer, reverted, note
    std::optional<task_id> task; // nullopt: a note
    int turn = 0;
    std::string commit;
    time_point at{};
    std::string text;
    std::string untrue = {};               // why it is not given any more: a word of the table's CHECK
    std::vector<std::int64_t> people = {}; // whose words are in it; empty: somebody's at a terminal
    bool operator==(const item&) const = default;
};

/// The columns that `items_in` reads, of `memory_items`.
extern const char item_columns[];
std::vector<item> items_in(const store::rows& r);

} // namespace persais::memory
