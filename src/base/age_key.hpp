#pragma once
#include "base/secret.hpp"

#include <optional>

/// Keys of age (age-encryption.org), with which backups are encrypted: the program of that name opens them too.
namespace persais {

/// A new key, as age-keygen makes it: "AGE-SECRET-KEY-1…".
secret make_age_key();

/// The 32 bytes of such a key, around which there may be blanks and lines of comment (#); nullopt: it is none, or was
/// mistyped.
std::optional<secret> age_key_bytes(const secret& text);

/// The key that has these 32 bytes.
secret age_key_of(const secret& bytes);

} // namespace persais
