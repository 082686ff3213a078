#include "cli/commands.hpp"
#include "cli/tongue.hpp"

#include <fmt/format.h>

namespace persais::cli {

std::optional<config::settings> settings_or_say() {
    auto loaded = config::load(config::process_environment(), std::filesystem::current_path());
    if (loaded) return std::move(*loaded);
    for (auto& line : loaded.error())
        fmt::print(stderr, "persais: {}\n", in_tongue(line));
    return std::nullopt;
}

} // namespace persais::cli
