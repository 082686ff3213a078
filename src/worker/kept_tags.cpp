#include "worker/kept_tags.hpp"

#include "coder/limits.hpp"
#include "coder/tags.hpp"
#include "git/files.hpp"

#include <fstream>
#include <sstream>

#include <spdlog/spdlog.h>

namespace persais::worker {

namespace fs = std::filesystem;

namespace {

constexpr int for_everybody = 0644; // the task's uid reads it

fs::path file_of(const fs::path& mirror) {
    return mirror / "tags";
}

} // namespace

fs::path kept_tags(const fs::path& mirror) {
    std::error_code ec;
    auto file = file_of(mirror);
    return fs::exists(file, ec) ? file : fs::path();
}

void keep_tags(const fs::path& mirror, const std::vector<std::string>& told) {
    if (told.empty()) return;
    try {
        std::ostringstream kept;
        kept << std::ifstream(file_of(mirror), std::ios::binary).rdbuf();
        git::write_file(file_of(mirror), coder::merged_tags(kept.view(), told, limits::tags_bytes), for_everybody);
    } catch (const std::exception& e) {
        spdlog::warn("what was found out of the repository's files could not be kept: {}", e.what());
    }
}

} // namespace persais::worker
