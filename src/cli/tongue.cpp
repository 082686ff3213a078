#include "cli/tongue.hpp"

namespace persais::cli {

i18n::language tongue() {
    return i18n::language_of_environment();
}

std::string in_tongue(std::string_view english) {
    return i18n::in(tongue(), english).value_or(std::string(english));
}

} // namespace persais::cli
