#include "service/master_seal.hpp"

#include "config/master_key.hpp"
#include "queue/secrets.hpp"

namespace persais::service {

awaitable<result<master_keys>> read_master_keys(store::pool& db, const config::settings& settings) {
    auto key = config::master_key(settings);
    if (!key) co_return std::unexpected(key.error());
    master_keys all{.here = *key, .next = {}, .before = {}};
    auto link = co_await queue::load_key_change(db);
    if (!link) co_return all;
    seal mine(*key);
    if (auto next = mine.open(link->next, queue::next_master_key)) {
        all.next = std::move(*next);
        all.before = *key;
    } else if (auto before = mine.open(link->before, queue::master_key_before)) {
        all.next = *key;
        all.before = std::move(*before);
    }
    co_return all;
}

seal seal_of(const master_keys& keys) {
    if (!keys.next || !keys.before) return seal(keys.here);
    seal made(*keys.next);
    made.opens_too(*keys.before);
    return made;
}

awaitable<result<seal>> master_seal(store::pool& db, const config::settings& settings) {
    auto keys = co_await read_master_keys(db, settings);
    if (!keys) co_return std::unexpected(keys.error());
    co_return seal_of(*keys);
}

} // namespace persais::service
