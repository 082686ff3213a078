#pragma once
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais {

/// Encrypts what is stored elsewhere (AES-256-GCM), bound to a context: what was encrypted for one context cannot be
/// opened with another.
class seal {
public:
    /// `master`: any text with enough entropy; the key is its digest.
    explicit seal(const secret& master);

    /// This key opens what it has shut, too; nothing is shut with it.
    void opens_too(const secret& other);

    /// The result is binary, and differs for each call.
    std::string shut(const secret& plain, std::string_view context) const;
    /// nullopt: the key or the context is another one, or the data was modified.
    std::optional<secret> open(std::string_view shut, std::string_view context) const;

private:
    secret key_;
    std::vector<secret> also_;
};

} // namespace persais
