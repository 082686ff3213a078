#include "telegram/api/raw_json.hpp"

namespace persais::telegram {

namespace {

/// A cursor over JSON; malformed input ends it.
class walk {
public:
    explicit walk(std::string_view s) : s_(s) {}

    void blanks() {
        while (at_ < s_.size() && (s_[at_] == ' ' || s_[at_] == '\t' || s_[at_] == '\n' || s_[at_] == '\r'))
            ++at_;
    }
    bool take(char c) {
        blanks();
        if (at_ >= s_.size() || s_[at_] != c) return false;
        ++at_;
        return true;
    }
    /// The characters between the quotes, with escapes as they are written.
    std::optional<std::string_view> string() {
        if (!take('"')) return std::nullopt;
        auto from = at_;
        for (; at_ < s_.size(); ++at_) {
            if (s_[at_] == '"') return s_.substr(from, at_++ - from);
            if (s_[at_] == '\\') ++at_;
        }
        at_ = s_.size();
        return std::nullopt;
    }
    /// The text up to the comma or bracket that ends the value.
    std::optional<std::string_view> value() {
        blanks();
        auto from = at_;
        for (std::size_t open = 0; at_ < s_.size();) {
            char c = s_[at_];
            if (c == '"') {
                if (!string()) return std::nullopt;
                continue;
            }
            if (open == 0 && (c == ',' || c == '}' || c == ']')) break;
            if (c == '{' || c == '[') ++open;
            if (c == '}' || c == ']') --open;
            ++at_;
        }
        auto found = s_.substr(from, at_ - from);
        while (!found.empty() && std::string_view(" \t\r\n").contains(found.back()))
            found.remove_suffix(1);
        if (found.empty() || at_ >= s_.size()) return std::nullopt;
        return found;
    }

private:
    std::string_view s_;
    std::size_t at_ = 0;
};

} // namespace

std::optional<std::string_view> raw_member(std::string_view object, std::string_view name) {
    walk w(object);
    if (!w.take('{')) return std::nullopt;
    do {
        auto key = w.string();
        if (!key || !w.take(':')) return std::nullopt;
        auto value = w.value();
        if (!value) return std::nullopt;
        if (*key == name) return value;
    } while (w.take(','));
    return std::nullopt;
}

std::optional<std::vector<std::string_view>> raw_elements(std::string_view array) {
    walk w(array);
    std::vector<std::string_view> all;
    if (!w.take('[')) return std::nullopt;
    if (w.take(']')) return all;
    do {
        auto value = w.value();
        if (!value) return std::nullopt;
        all.push_back(*value);
    } while (w.take(','));
    if (!w.take(']')) return std::nullopt;
    return all;
}

std::size_t raw_depth(std::string_view text) {
    std::size_t open = 0, most = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            most = std::max(most, ++open);
        } else if ((c == '}' || c == ']') && open > 0) {
            --open;
        }
    }
    return most;
}

} // namespace persais::telegram
