#include "base/totp.hpp"

#include "base/encoding.hpp"
#include "base/random.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace persais::totp {

namespace {

constexpr std::size_t secret_bytes = 20; // RFC 4226, R6
constexpr std::int64_t step_seconds = 30, drift = 1;
constexpr int digits_typed = 6;

std::string hmac_sha1(const std::string& key, std::string_view text) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (!HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
              text.size(), reinterpret_cast<unsigned char*>(out.data()), &size))
        throw std::runtime_error("OpenSSL refuses HMAC-SHA-1");
    out.resize(size);
    return out;
}

std::string digits_of(std::string_view text) {
    std::string digits;
    for (char c : text)
        if (c != ' ') digits += c;
    return digits;
}

} // namespace

secret new_secret() {
    return secret(random_bytes(secret_bytes));
}

std::int64_t step_at(time_point when) {
    return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count() / step_seconds;
}

std::string code_of(const secret& of, std::int64_t step, int digits) {
    std::string counter(8, '\0');
    for (std::size_t i = 0; i < counter.size(); ++i)
        counter[counter.size() - 1 - i] = static_cast<char>(static_cast<std::uint64_t>(step) >> (8 * i));
    auto mac = hmac_sha1(of.reveal(), counter);
    auto at = static_cast<std::size_t>(mac.back() & 0x0f); // RFC 4226, 5.3
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(mac[at + i]);
    value &= 0x7fffffff;
    std::uint32_t modulus = 1;
    for (int i = 0; i < digits; ++i)
        modulus *= 10;
    return fmt::format("{:0{}}", value % modulus, digits);
}

std::optional<std::int64_t> step_of(const secret& of, const secret& code, time_point now) {
    if (!looks_like_a_code(code.reveal())) return std::nullopt;
    auto given = digits_of(code.reveal());
    std::optional<std::int64_t> found;
    for (auto step = step_at(now) - drift; step <= step_at(now) + drift; ++step) {
        auto right = code_of(of, step);
        // Each is looked at, in the same time whatever the digits are.
        if (CRYPTO_memcmp(right.data(), given.data(), right.size()) == 0) found = step;
    }
    return found;
}

bool looks_like_a_code(std::string_view text) {
    auto digits = digits_of(text);
    return digits.size() == digits_typed && digits.find_first_not_of("0123456789") == digits.npos;
}

secret as_typed(const secret& of) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (char c : of.reveal()) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 5; held -= 5)
            out += letters[bits >> (held - 5) & 31];
    }
    if (held > 0) out += letters[bits << (5 - held) & 31];
    return secret(std::move(out));
}

secret url_of(const secret& of, std::string_view issuer, std::string_view account) {
    auto name = percent_encoded(issuer);
    return secret(fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}", name, percent_encoded(account),
                              as_typed(of).reveal(), name));
}

} // namespace persais::totp
