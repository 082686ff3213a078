#pragma once
#include "memory/item.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What people do with what is remembered. Who may is for service/memory.hpp to say.
namespace persais::memory {

struct wish {
    std::optional<std::string> remote = {}; // nullopt: of every repository
    std::string words = {};                 // that it has to do with; empty: any
    bool untrue = false;                    // those that are not given any more, too
    int most = 20;
};
/// The newest first, or with `words` what fits best. Throws store::db_error, as all here do.
awaitable<std::vector<item>> list(store::pool& db, wish what);
/// nullopt: there is none.
awaitable<std::optional<item>> load(store::pool& db, std::int64_t id);

/// Adds a note; `person`: nullopt: at a terminal. `text` is not empty and within limits::memory_item_bytes. The row is
/// its id. The same note of a repository stands once.
store::statement add_note(const std::string& remote, const std::string& text, std::optional<std::int64_t> person);
/// A note takes the place of an item, which is not given any more. The row is the note's id; none: no such item.
store::statement correct(std::int64_t id, const std::string& text, std::optional<std::int64_t> person);
/// Removes an item; of one of a task all that is remembered of that task, also later. The row is the number removed.
store::statement forget(std::int64_t id);
/// Removes all that somebody said, of every repository: their notes, and all of tasks that they asked for or replied
/// to. The row is the number removed.
store::statement forget_person(std::int64_t person);

} // namespace persais::memory
