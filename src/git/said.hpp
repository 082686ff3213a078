#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace persais::git {

/// The operation during which git failed; it distinguishes "no right to read" from "no right to push".
enum class doing { reading, pushing, locally };

/// Lower-case text in which words are searched.
class said {
public:
    explicit said(std::string_view text) : text_(text) {
        for (char& c : text_)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    /// `words` must be in lower case.
    bool any(std::initializer_list<std::string_view> words) const {
        for (auto word : words)
            if (text_.find(word) != std::string::npos) return true;
        return false;
    }
    /// The HTTP status that git reports ("the requested URL returned error: 403"); 0: none. A count of bytes after the
    /// same words ("error: 41313 bytes of body are still expected") is not one.
    int status() const {
        auto digit = [&](std::size_t at) { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; };
        // Any other "error: 404" may be a number of something else, such as of bytes that did not come.
        for (std::string_view before : {"url returned error: ", "rpc failed; http "})
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

/// Whether the other end stopped in the middle of a transfer, because it or the connection died. What git then reports
/// about the incomplete pack ("invalid index-pack output") says nothing about objects.
inline bool cut_off(const said& text) {
    return text.any({"unexpected disconnect", "early eof", "rpc failed", "hung up", "transfer closed",
                     "bad pack header", "sideband demultiplexer", "expected flush"});
}

} // namespace persais::git
