#include "base/encoding.hpp"

#include <charconv>
#include <stdexcept>

#include <boost/algorithm/hex.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/alnum_chars.hpp>
#include <openssl/evp.h>

namespace persais {

std::string to_hex(std::string_view bytes) {
    std::string digits(2 * bytes.size(), '\0');
    boost::algorithm::hex_lower(bytes.begin(), bytes.end(), digits.begin());
    return digits;
}

std::string from_hex(std::string_view digits) {
    std::string bytes(digits.size() / 2, '\0');
    try {
        boost::algorithm::unhex(digits.begin(), digits.end(), bytes.begin());
    } catch (const boost::algorithm::hex_decode_error&) {
        throw std::invalid_argument("this is no hex of whole bytes");
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // OpenSSL appends a zero
    auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string percent_encoded(std::string_view text, std::string_view kept, letter_case digits) {
    auto plain = [kept](char c) { return boost::urls::grammar::alnum_chars(c) || kept.contains(c); };
    boost::urls::encoding_opts options;
    options.lower_case = digits == letter_case::lower;
    return boost::urls::encode(text, plain, options);
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        bool escape = text[i] == '%' && i + 2 < text.size();
        if (escape && std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
            decoded += static_cast<char>(value);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

std::string sha256(std::string_view bytes) {
    std::string digest(32, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
                   nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return digest;
}

} // namespace persais
