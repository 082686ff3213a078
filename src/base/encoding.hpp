#pragma once
#include <string>
#include <string_view>

namespace persais {

/// Converts each byte to two lower-case digits.
std::string to_hex(std::string_view bytes);
/// Accepts digits of either case. Throws std::invalid_argument when the text is not the hex of whole bytes.
std::string from_hex(std::string_view digits);

/// Base64 of RFC 4648, with padding.
std::string to_base64(std::string_view bytes);

enum class letter_case { upper, lower };
/// Percent encoding of RFC 3986: each byte becomes %2F, except ASCII letters, digits and those of `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = "-._~",
                            letter_case digits = letter_case::upper);

/// Converts %41 to A; anything that is not an escape stays as it is.
std::string percent_decoded(std::string_view text);

/// Returns the 32 bytes of the digest.
std::string sha256(std::string_view bytes);

} // namespace persais
