#include "telegram/inbound/hook_secrets.hpp"

#include "base/random.hpp"

#include <array>
#include <utility>

#include <openssl/crypto.h>

namespace persais::telegram {

namespace {

constexpr std::size_t longest = 256; // limit of the Bot API

/// Padded to one length, so that the time of a comparison does not tell even a secret's length.
std::array<char, longest> padded(std::string_view text) {
    std::array<char, longest> all{};
    text.copy(all.data(), longest);
    return all;
}

} // namespace

bool same_secret(std::string_view shown, const secret& right) {
    const auto& text = right.reveal();
    auto one = padded(shown), other = padded(text);
    int differ = CRYPTO_memcmp(one.data(), other.data(), longest);
    return shown.size() <= longest && shown.size() == text.size() && differ == 0;
}

void hook_secrets::set(secret current) {
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

secret new_hook_secret() {
    return secret(random_word(32));
}

} // namespace persais::telegram
