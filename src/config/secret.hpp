#pragma once
#include <ostream>
#include <string>

#include <fmt/format.h>

namespace persais::config {

/// A value that no log, message or error may show: printed by anything, it is `***`. Only reveal() gives its text; call
/// it where the secret is used, and keep no copy.
class secret {
public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    bool empty() const { return text_.empty(); }
    const std::string& reveal() const { return text_; }
    friend bool operator==(const secret&, const secret&) = default;
    /// GoogleTest would print an unknown type's bytes, and with them the secret.
    friend std::ostream& operator<<(std::ostream& out, const secret&) { return out << "***"; }

private:
    std::string text_;
};

} // namespace persais::config

template <>
struct fmt::formatter<persais::config::secret> : fmt::formatter<std::string_view> {
    auto format(const persais::config::secret&, fmt::format_context& context) const {
        return fmt::formatter<std::string_view>::format("***", context);
    }
};
