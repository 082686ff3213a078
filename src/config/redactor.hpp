#pragma once
#include "config/limits.hpp"
#include "config/settings.hpp"

namespace persais::config {

/// Removes secrets from text that is about to be shown. It knows the values of all secret settings, the password inside
/// a database URL and the lines of a private key, each also in its URL-encoded, JSON and base64 forms (as in an
/// Authorization header). Values shorter than limits::redact_least_bytes are not masked, because that would mask
/// ordinary words; a short password of a URL is masked where it is written as one (`:word@`, `password=word`).
class redactor {
public:
    redactor() = default;
    explicit redactor(const settings& of) { add(of); }
    /// Also masks the secrets of these settings. Earlier ones stay masked, because a log line may still contain a key
    /// that was just replaced.
    void add(const settings& of);
    /// Also masks this secret.
    void add(const secret& hidden);
    /// The text with "***" in place of each secret.
    std::string operator()(std::string text) const;

private:
    void put_in_order();

    std::vector<std::string> hidden_; // longest first
};

} // namespace persais::config
