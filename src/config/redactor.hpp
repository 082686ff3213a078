#pragma once
#include "config/limits.hpp"
#include "config/settings.hpp"

namespace persais::config {

/// Takes secrets out of text that is about to be shown. Knows the values of all secret settings, the password inside a
/// database URL and the lines of a private key, as they are and as they look URL-encoded, inside JSON and in base64
/// (as of an Authorization header). Values under limits::redact_least_bytes are no secrets and would blacken ordinary
/// words; a short password of a URL is masked where it stands as one (`:word@`, `password=word`).
class redactor {
public:
    redactor() = default;
    explicit redactor(const settings& of) { add(of); }
    /// Masks these too. Those before stay masked: a log line may still hold a key that was just replaced.
    void add(const settings& of);
    void add(const secret& hidden);
    /// With "***" for each secret.
    std::string operator()(std::string text) const;

private:
    void put_in_order();

    std::vector<std::string> hidden_; // longest first
};

} // namespace persais::config
