#include "telegram/hook_secrets.hpp"

#include "base/random.hpp"

#include <array>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace persais::telegram {

/// Digests are of one length, so that not even a secret's length can be timed.
bool same_secret(std::string_view a, std::string_view b) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> of_a{}, of_b{};
    SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), of_a.data());
    SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), of_b.data());
    return CRYPTO_memcmp(of_a.data(), of_b.data(), of_a.size()) == 0;
}

void hook_secrets::set(std::string current) {
    if (current == current_) return;
    if (!current_.empty()) {
        previous_ = std::exchange(current_, {});
        until_ = time::max();
    }
    current_ = std::move(current);
}

bool hook_secrets::know(std::string_view shown, time now) const {
    bool is_current = same_secret(shown, current_), is_previous = same_secret(shown, previous_);
    return (is_current && !current_.empty()) || (is_previous && !previous_.empty() && now < until_);
}

std::string new_hook_secret() {
    return random_word(32);
}

} // namespace persais::telegram
