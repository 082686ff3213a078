#include "base/comma_parts.hpp"

#include "base/text.hpp"

namespace persais {

std::vector<std::string_view> comma_parts(std::string_view list) {
    std::vector<std::string_view> parts;
    for (bool more = true; more;) {
        auto comma = list.find(',');
        more = comma != list.npos;
        parts.push_back(text::trim(list.substr(0, comma)));
        if (more) list.remove_prefix(comma + 1);
    }
    return parts;
}

} // namespace persais
