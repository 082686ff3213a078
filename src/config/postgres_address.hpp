#pragma once
#include <string>
#include <string_view>

namespace persais::config {

/// What libpq finds wrong with an address, `postgresql://…` or `keyword=value …`: a parameter that PostgreSQL does not
/// know is named, because other programs write their own into it (`?pgbouncer=true`, `?schema=public`). Empty: libpq
/// can read it. Nothing else of the address is repeated, because it may hold a password.
std::string postgres_address(std::string_view value);

} // namespace persais::config
