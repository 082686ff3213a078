#pragma once
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persais {

/// Encrypts what is kept elsewhere (AES-256-GCM), bound to a context: what was shut for one place opens at no other.
class seal {
public:
    /// `master`: any text with enough chance in it; the key is its digest.
    explicit seal(const secret& master);

    std::string shut(const secret& plain, std::string_view context) const;
    /// nullopt: another key or context, or somebody changed it.
    std::optional<secret> open(std::string_view shut, std::string_view context) const;

private:
    secret key_;
};

} // namespace persais
