#include "ops/disk.hpp"

#include "ops/limits.hpp"

#include <fmt/format.h>

namespace persais::ops {

namespace fs = std::filesystem;

void disk_watch::look() {
    auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + limits::disk_look_every;
    auto at = data_;
    std::error_code ec;
    while (!at.empty() && !fs::exists(at, ec) && at != at.root_path())
        at = at.parent_path(); // the folder does not exist yet
    auto room = fs::space(at, ec);
    using state = ops::health::state;
    if (ec)
        return health_.set("disk", state::down, fmt::format("{} cannot be read: {}.", data_.string(), ec.message()));
    auto words = fmt::format("{} MiB are free below {} (PERSAIS_DATA).", room.available >> 20, data_.string());
    if (room.available < limits::disk_least_bytes) return health_.set("disk", state::down, words);
    if (room.available < limits::disk_low_bytes) return health_.set("disk", state::degraded, words);
    health_.set("disk", state::up);
}

} // namespace persais::ops
