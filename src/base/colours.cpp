#include "base/colours.hpp"

#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace persais {

namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

} // namespace

bool coloured(int descriptor) {
    if (!variable("NO_COLOR").empty()) return false;
    if (auto force = variable("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
    return ::isatty(descriptor) == 1 && !is_dumb_terminal();
}

bool is_dumb_terminal() {
    return variable("TERM") == "dumb";
}

} // namespace persais
