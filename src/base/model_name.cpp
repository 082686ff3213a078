#include "base/model_name.hpp"

namespace persais {

std::string plain_model(std::string_view name) {
    constexpr std::string_view prefix = "openrouter/";
    bool only = name == prefix; // it names no model
    if (only || (name.starts_with(prefix) && name.find('/', prefix.size()) != name.npos))
        name.remove_prefix(prefix.size());
    return std::string(name);
}

} // namespace persais
