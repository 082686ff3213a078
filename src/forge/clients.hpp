#pragma once
#include "forge/client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace persais::forge {

/// The client for `at.kind`, which sends the token to `at.api` and nowhere else.
std::unique_ptr<client> make_client(place at, secret token, fetcher fetch);

/// `at` with another root of the API, as GITHUB_API_URL and similar variables name it; empty: unchanged. nullopt: the
/// token would be sent unencrypted.
std::optional<place> with_api(place at, std::string api);

} // namespace persais::forge
