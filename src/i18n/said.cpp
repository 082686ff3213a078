#include "i18n/said.hpp"

#include <cstdlib>

namespace persais::i18n {

std::optional<std::string> in(language l, std::string_view english) {
    return l == language::ru ? russian_of(english) : std::optional(std::string(english));
}

language language_of_environment() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value && *value) return language_from(value);
    return language::en;
}

} // namespace persais::i18n
