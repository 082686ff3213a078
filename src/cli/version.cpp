#include "cli/version.hpp"

#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::size_t commit_shown = 12; // characters: as many as name one commit of a large repository

} // namespace

std::string_view version() {
    return PERSAIS_VERSION;
}

std::string full_version(std::string_view number, std::string_view commit, std::string_view date) {
    if (commit.empty()) return fmt::format("persais {}", number);
    return fmt::format("persais {} ({}{}{})", number, commit.substr(0, commit_shown), date.empty() ? "" : ", ", date);
}

std::string full_version() {
    return full_version(PERSAIS_VERSION, PERSAIS_COMMIT, PERSAIS_DATE);
}

} // namespace persais::cli
