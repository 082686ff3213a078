#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The table `api_tokens`: with what people, and programs of theirs, use the HTTP API. A token is known by its digest
/// (sha256, in hex) alone. Each change stands in the audit. All throw store::db_error.
namespace persais::queue {

struct api_token {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::int64_t> person = {}; // as whom it acts; nullopt: the terminal
    std::vector<std::string> scopes = {};
    std::string made_by = {}; // `terminal`, or the number of a person
    time_point made{};
    std::optional<time_point> expires = {}, used = {}, revoked = {}; // `used` is exact to a minute
};

/// Returns its number. `valid`: nullopt: without end.
awaitable<std::int64_t> add_api_token(store::pool& db, std::string digest, api_token what,
                                      std::optional<std::chrono::seconds> valid);
/// The oldest first.
awaitable<std::vector<api_token>> api_tokens(store::pool& db);
/// False: none of this number is there that is not revoked.
awaitable<bool> revoke_api_token(store::pool& db, std::int64_t id, std::string by);
/// The token, if it is valid now. That it was used is written down, at most once a minute.
awaitable<std::optional<api_token>> use_api_token(store::pool& db, std::string digest);
/// Those of these that are valid now.
awaitable<std::vector<std::int64_t>> valid_api_tokens(store::pool& db, std::vector<std::int64_t> ids);

} // namespace persais::queue
