#pragma once
#include "forge/client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace persais::forge {

/// The client of `at.kind`, which sends the token to `at.api` and nowhere else.
std::unique_ptr<client> make_client(place at, secret token, fetcher fetch);

/// `at` with another root of the API, as GITHUB_API_URL and its like name it; empty: as it is. Nothing: the token would
/// cross the network in the open.
std::optional<place> with_api(place at, std::string api);

} // namespace persais::forge
