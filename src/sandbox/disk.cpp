#include "sandbox/disk.hpp"

#include <fmt/format.h>

namespace persais::sandbox {

std::string gigabytes(std::uint64_t bytes) {
    auto mega = bytes >> 20;
    return mega > 0 && mega % 1024 == 0 ? fmt::format("{} GB", mega >> 10) : fmt::format("{} MB", mega);
}

} // namespace persais::sandbox
