#include "base/age_key.hpp"

#include "base/random.hpp"
#include "base/text.hpp"

#include <array>
#include <cctype>
#include <cstdint>
#include <vector>

namespace persais {

namespace {

// Bech32 (BIP 173): a name, a 1, five bits a letter, and a checksum over all of it that finds any mistyped letter.
constexpr std::string_view letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::string_view name = "age-secret-key-";
constexpr std::size_t key_bytes = 32, checksum_letters = 6;

std::uint32_t checksum(const std::vector<std::uint8_t>& values) {
    constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    std::uint32_t sum = 1;
    auto take = [&](std::uint32_t v) {
        auto top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ v;
        for (std::size_t i = 0; i < generator.size(); ++i)
            if ((top >> i) & 1) sum ^= generator[i];
    };
    for (char c : name)
        take(static_cast<std::uint32_t>(c) >> 5);
    take(0);
    for (char c : name)
        take(static_cast<std::uint32_t>(c) & 31);
    for (auto v : values)
        take(v);
    return sum;
}

/// The key is the one line that is neither empty nor a comment.
std::string key_line(std::string_view text) {
    std::string found;
    while (!text.empty()) {
        auto end = text.find('\n');
        auto line = text::trim(text.substr(0, end));
        text = end == text.npos ? std::string_view() : text.substr(end + 1);
        if (line.empty() || line.starts_with('#')) continue;
        if (!found.empty()) return {};
        found = line;
    }
    return found;
}

} // namespace

secret age_key_of(const secret& bytes) {
    std::vector<std::uint8_t> values;
    unsigned held = 0, bits = 0;
    for (char c : bytes.reveal()) {
        held = (held << 8) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 5; bits -= 5)
            values.push_back((held >> (bits - 5)) & 31);
    }
    if (bits > 0) values.push_back((held << (5 - bits)) & 31);
    auto padded = values;
    padded.insert(padded.end(), checksum_letters, 0);
    auto sum = checksum(padded) ^ 1;
    for (std::size_t i = 0; i < checksum_letters; ++i)
        values.push_back((sum >> (5 * (checksum_letters - 1 - i))) & 31);
    std::string text = std::string(name) + "1";
    for (auto v : values)
        text += letters[v];
    for (auto& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return secret(std::move(text));
}

secret make_age_key() {
    return age_key_of(secret(random_bytes(key_bytes)));
}

std::optional<secret> age_key_bytes(const secret& text) {
    auto line = key_line(text.reveal());
    for (auto& c : line)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!line.starts_with(std::string(name) + "1")) return std::nullopt;
    std::vector<std::uint8_t> values;
    for (char c : std::string_view(line).substr(name.size() + 1)) {
        auto at = letters.find(c);
        if (at == letters.npos) return std::nullopt;
        values.push_back(static_cast<std::uint8_t>(at));
    }
    if (values.size() < checksum_letters || checksum(values) != 1) return std::nullopt;
    values.resize(values.size() - checksum_letters);
    std::string bytes;
    unsigned held = 0, bits = 0;
    for (auto v : values) {
        held = ((held << 5) | v) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>((held >> bits) & 255));
    }
    if (bytes.size() != key_bytes || bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
    return secret(std::move(bytes));
}

} // namespace persais
