#pragma once
#include "queue/sealed_values.hpp"
#include "service/master_seal.hpp"
#include "service/refusal.hpp"

#include <functional>
#include <string>
#include <vector>

/// Changing the master key: everything that is sealed with it is sealed again with a new one, while services read and
/// write. It may be killed at any point, and is begun again as it was begun. Both keys open everything until the change
/// is ended.
namespace persais::service {

/// One kind of sealed values, and the context that each is sealed with, from the two words that queue::sealed_values
/// gives of it; empty: this version does not know it.
struct sealed_kind {
    queue::sealed_values values;
    std::function<std::string(std::string_view one, std::string_view other)> context;
};
/// Those that the folders up to this one know.
std::vector<sealed_kind> sealed_kinds();

/// Notes that the key is changed to this one. Where a change is under way already it goes on, with the key that it
/// began with; the value is what is known now. Throws store::db_error, as all here.
awaitable<answer<master_keys>> begin_key_change(store::pool& db, const config::settings& settings, secret fresh);

struct resealed {
    int done = 0;                    // values that are sealed with the new key now and were not before
    std::vector<std::string> closed; // what neither key opens: "secrets telegram_webhook"
};
/// Seals again what is not sealed with `keys.next` yet.
awaitable<resealed> reseal(store::pool& db, master_keys keys, std::vector<sealed_kind> kinds);

/// Ends the change: the old key opens nothing any more. Refused where this process has the old key still, and where no
/// change is under way.
awaitable<answer<resealed>> end_key_change(store::pool& db, const config::settings& settings,
                                           std::vector<sealed_kind> kinds, std::string by);

} // namespace persais::service
