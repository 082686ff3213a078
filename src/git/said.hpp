#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace persais::git {

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

} // namespace persais::git
