#pragma once
#include "config/settings.hpp"
#include "memory/item.hpp"
#include "service/access.hpp"
#include "service/refusal.hpp"
#include "store/store.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The rules about what is remembered, wherever somebody asks.
namespace persais::service {

/// A person's note, as it is kept: trimmed, valid text, within limits::memory_item_bytes.
answer<std::string> note_from(std::string_view written);

/// The address whose memory is meant: of a short name, an address or a path. Throws store::db_error.
awaitable<answer<std::string>> memory_of(store::pool& db, const config::settings& settings, std::string named);

/// Whether somebody with this role in the item's repository may read it, and whether they may correct it or have it
/// forgotten: what they said themselves, or as an admin. `person`: nullopt: at a terminal of this machine.
answer<void> may_read_memory(role here);
answer<void> may_change_memory(role here, std::optional<std::int64_t> person, const memory::item& one);

} // namespace persais::service
