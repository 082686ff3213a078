#include "worker/kept_tags.hpp"

#include "coder/limits.hpp"
#include "coder/tags.hpp"
#include "git/files.hpp"

#include <set>
#include <stdexcept>

#include <spdlog/spdlog.h>

namespace persais::worker {

namespace fs = std::filesystem;

namespace {

constexpr int for_everybody = 0644; // the task's uid reads it

fs::path file_of(const fs::path& mirror) {
    return mirror / "tags";
}

} // namespace

fs::path kept_tags(const fs::path& mirror, time_point now) {
    auto file = file_of(mirror);
    auto kept = git::content_of(file);
    auto today = std::chrono::floor<std::chrono::days>(now);
    if (kept.empty()) return {};
    if (!coder::has_old_rows(kept, today)) return file;
    try {
        git::write_file(file, coder::merged_tags(kept, {}, today, limits::tags_bytes), for_everybody);
        return file;
    } catch (const std::exception& e) {
        spdlog::warn("what was found out of the repository's files is not used, because it is old: {}", e.what());
        return {};
    }
}

awaitable<> keep_tags(git::mirror mirror, git::commit_id base, std::vector<std::string> told, time_point now) {
    std::set<std::string> contents;
    for (const auto& row : told)
        contents.emplace(coder::content_of_row(row));
    if (contents.empty()) co_return;
    try {
        auto known = co_await mirror.contents_among(std::move(base), std::move(contents));
        if (!known) throw std::runtime_error(known.error().sentence);
        std::erase_if(told, [&](const auto& row) { return !known->contains(std::string(coder::content_of_row(row))); });
        auto file = file_of(mirror.folder());
        auto kept = git::content_of(file);
        auto today = std::chrono::floor<std::chrono::days>(now);
        git::write_file(file, coder::merged_tags(kept, told, today, limits::tags_bytes), for_everybody);
    } catch (const std::exception& e) {
        spdlog::warn("what was found out of the repository's files could not be kept: {}", e.what());
    }
}

} // namespace persais::worker
