#pragma once
#include <string>
#include <string_view>

namespace persais {

/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);
/// Digits of either case. Throws std::invalid_argument for text that is no hex of whole bytes.
std::string from_hex(std::string_view digits);

/// RFC 4648, with padding.
std::string to_base64(std::string_view bytes);

enum class letter_case { upper, lower };
/// RFC 3986: every byte but ASCII letters, digits and those of `kept` becomes %2F.
std::string percent_encoded(std::string_view text, std::string_view kept = "-._~",
                            letter_case digits = letter_case::upper);

/// %41 becomes A; what is no escape stays as it is.
std::string percent_decoded(std::string_view text);

/// The 32 bytes of the digest.
std::string sha256(std::string_view bytes);

} // namespace persais
