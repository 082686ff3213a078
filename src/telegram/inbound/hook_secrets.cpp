#include "telegram/inbound/hook_secrets.hpp"

#include "base/random.hpp"

#include <array>
#include <utility>

#include <openssl/crypto.h>

namespace persais::telegram {

namespace {

constexpr std::size_t longest = 256; // as the Bot API has it

/// Padded to one length, so that not even a secret's length can be timed.
std::array<char, longest> padded(std::string_view secret) {
    std::array<char, longest> all{};
    secret.copy(all.data(), longest);
    return all;
}

} // namespace

bool same_secret(std::string_view a, std::string_view b) {
    auto of_a = padded(a), of_b = padded(b);
    int differ = CRYPTO_memcmp(of_a.data(), of_b.data(), longest);
    return a.size() <= longest && a.size() == b.size() && differ == 0;
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
