#pragma once
#include "base/clock.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// One-time codes of an authenticator app: RFC 6238 with SHA-1, 6 digits and 30 seconds, which all of them know.
namespace persais::totp {

/// A new secret, as long as RFC 4226 recommends.
secret new_secret();

/// The number of the step in which this moment is.
std::int64_t step_at(time_point when);

/// The code of a step, as people type it. `digits`: at most 9.
std::string code_of(const secret& of, std::int64_t step, int digits = 6);

/// The step whose code this is: the one of this moment, the one before, or the next; nullopt: none of them. Blanks
/// between the digits do not count, because apps show them.
std::optional<std::int64_t> step_of(const secret& of, const secret& code, time_point now);

/// Whether a text can be a code at all.
bool looks_like_a_code(std::string_view text);

/// The secret as people type it: base32 of RFC 4648 without padding.
secret as_typed(const secret& of);
/// What an authenticator app reads, mostly from a QR code.
secret url_of(const secret& of, std::string_view issuer, std::string_view account);

} // namespace persais::totp
