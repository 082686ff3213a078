#pragma once
#include "store/store.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Values that are sealed with the master key, wherever they stand, so that they can be sealed with another one.
namespace persais::queue {

/// One kind of them: how all are read, and how one is replaced.
struct sealed_values {
    std::string_view what;    ///< "environments of repositories"
    std::string_view select;  ///< gives key, two words that its context is made of, sealed
    std::string_view replace; ///< $1 key, $2 sealed as it was, $3 as it is to be; no row: it is another one by now
};

inline constexpr sealed_values sealed_secrets{
    "secrets", "select name, name, '', sealed from secrets where name not in ('master_key_next', 'master_key_before')",
    "update secrets set sealed = $3::bytea where name = $1 and sealed = $2::bytea"};
inline constexpr sealed_values sealed_tokens{
    "tokens of repositories", "select id, name, '', token from repositories where token is not null",
    "update repositories set token = $3::bytea where id = $1::bigint and token = $2::bytea"};
inline constexpr sealed_values sealed_environments{
    "environments of repositories",
    "select e.repository || ' ' || e.name, r.remote, e.name, e.sealed from repository_environment e join repositories "
    "r "
    "on r.id = e.repository",
    "update repository_environment set sealed = $3::bytea where repository || ' ' || name = $1 and sealed = $2::bytea"};
inline constexpr sealed_values sealed_factors{
    "authenticator apps", "select person, person, '', sealed from second_factors",
    "update second_factors set sealed = $3::bytea where person = $1 and sealed = $2::bytea"};

/// One value.
struct sealed_value {
    std::string key, one, other, sealed;
};
/// Throws store::db_error, as replace_sealed does.
awaitable<std::vector<sealed_value>> read_sealed(store::pool& db, sealed_values kind);
/// False: it is another one by now, or gone.
awaitable<bool> replace_sealed(store::pool& db, sealed_values kind, sealed_value was, std::string sealed);

} // namespace persais::queue
