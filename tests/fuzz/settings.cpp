// A .env: written by its owner, and now and then by another program.
#include "config/dotenv.hpp"
#include "fuzz.hpp"

static std::string hold_settings(std::string_view bytes) {
    auto read = persais::config::read_dotenv(bytes);
    for (const auto& [name, value] : read.variables)
        if (name.empty() || value.contains('\0') || !read.lines.contains(name)) return "a variable that is none";
    return {};
}

PERSAIS_FUZZ(hold_settings)
