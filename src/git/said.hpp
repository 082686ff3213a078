#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace persais::git {

/// What was being done when git failed; it decides between "no right to read" and "no right to push".
enum class doing { reading, pushing, locally };

/// Lower-case text to look for words in.
class said {
public:
    explicit said(std::string_view text) : text_(text) {
        for (char& c : text_)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    bool any(std::initializer_list<std::string_view> words) const {
        for (auto word : words)
            if (text_.find(word) != std::string::npos) return true;
        return false;
    }
    /// The HTTP status that git tells of ("the requested URL returned error: 403"); 0: none. A count of bytes behind
    /// the same words ("error: 41313 bytes of body are still expected") is none.
    int status() const {
        constexpr std::string_view before = "error: ";
        auto digit = [&](std::size_t at) { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
        for (auto at = text_.find(before); at != std::string::npos; at = text_.find(before, at + 1)) {
            auto code = at + before.size();
            if (digit(code) && digit(code + 1) && digit(code + 2) && !digit(code + 3))
                return (text_[code] - '0') * 100 + (text_[code + 1] - '0') * 10 + (text_[code + 2] - '0');
        }
        return 0;
    }

private:
    std::string text_;
};

/// In the middle of a talk the other end fell silent: it died, or the way to it did. What git then says of the pack
/// that it had not whole ("invalid index-pack output") is no word about objects.
inline bool cut_off(const said& text) {
    return text.any({"unexpected disconnect", "early eof", "rpc failed", "hung up", "transfer closed",
                     "bad pack header", "sideband demultiplexer", "expected flush"});
}

} // namespace persais::git
