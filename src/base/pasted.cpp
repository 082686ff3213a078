#include "base/pasted.hpp"

#include "base/text.hpp"

namespace persais {

std::string with_newlines(std::string_view pasted) {
    std::string made;
    for (std::size_t i = 0; i < pasted.size(); ++i) {
        bool escape = pasted[i] == '\\' && i + 1 < pasted.size();
        if (escape && pasted[i + 1] == 'n') {
            made += '\n';
            ++i;
        } else if (pasted[i] != '\r' && !(escape && pasted[i + 1] == 'r')) {
            made += pasted[i];
        } else if (escape) {
            ++i;
        }
    }
    return made;
}

std::string_view unquoted(std::string_view s) {
    s = text::trim(s);
    while (s.size() >= 2 && s.front() == s.back() && (s.front() == '"' || s.front() == '\''))
        s = text::trim(s.substr(1, s.size() - 2));
    return s;
}

} // namespace persais
