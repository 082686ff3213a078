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
