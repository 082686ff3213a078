#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace persais {

bool secret::equal(std::string_view one, std::string_view other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

secret around(std::string_view before, const secret& held, std::string_view after) {
    std::string text;
    text.reserve(before.size() + held.reveal().size() + after.size());
    text.append(before).append(held.reveal()).append(after);
    return secret(std::move(text));
}

std::string without(std::string text, const secret& hidden) {
    constexpr std::string_view stars = "***";
    const auto& found = hidden.reveal();
    if (found.empty()) return text;
    for (auto at = text.find(found); at != text.npos; at = text.find(found, at + stars.size()))
        text.replace(at, found.size(), stars);
    return text;
}

} // namespace persais
