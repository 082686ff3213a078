#include "queue/bytes.hpp"

#include <algorithm>

namespace persais::queue {

void append_hex(std::string& to, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    auto at = to.size();
    to.resize(at + 2 * bytes.size());
    for (unsigned char c : bytes) {
        to[at++] = digits[c >> 4];
        to[at++] = digits[c & 15];
    }
}

std::string bytea(std::string_view bytes) {
    std::string text = "\\x";
    text.reserve(2 + 2 * bytes.size());
    append_hex(text, bytes);
    return text;
}

std::string from_hex(std::string_view digits) {
    auto value_of = [](char hex) { return hex <= '9' ? hex - '0' : hex - 'a' + 10; };
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(value_of(digits[i]) * 16 + value_of(digits[i + 1]));
    return bytes;
}

std::string from_bytea(std::string_view text) {
    return from_hex(text.substr(std::min<std::size_t>(2, text.size())));
}

} // namespace persais::queue
