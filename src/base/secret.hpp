#pragma once
#include <ostream>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace persais {

/// A value that no log, message or error may show: formatted in any way it is `***`, and it does not convert to a
/// string implicitly. Only reveal() returns its text. Call that where a library or a child process takes the secret,
/// and keep no copy.
class secret {
public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    bool empty() const { return text_.empty(); }
    const std::string& reveal() const { return text_; }
    /// Takes equally long for any pair of texts of the same length, so that an attacker learns nothing from an answer's
    /// delay.
    friend bool operator==(const secret& one, const secret& other) { return equal(one.text_, other.text_); }
    friend bool operator==(const secret& one, std::string_view other) { return equal(one.text_, other); }
    /// GoogleTest would print an unknown type's bytes, and with them the secret.
    friend std::ostream& operator<<(std::ostream& out, const secret&) { return out << "***"; }

private:
    static bool equal(std::string_view one, std::string_view other);
    std::string text_;
};

/// A secret with text around it, such as "Bearer " before a token. It is as secret as its content.
secret around(std::string_view before, const secret& held, std::string_view after = {});

/// `text` with `***` in place of each occurrence of the secret, because texts of others may repeat it.
std::string without(std::string text, const secret& hidden);

} // namespace persais

template <>
struct fmt::formatter<persais::secret> : fmt::formatter<std::string_view> {
    auto format(const persais::secret&, fmt::format_context& context) const {
        return fmt::formatter<std::string_view>::format("***", context);
    }
};
