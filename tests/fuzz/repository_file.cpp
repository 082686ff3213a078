// .persais.toml of a repository, and the patterns in it.
#include "checks/repository_file.hpp"

#include "checks/glob.hpp"
#include "fuzz.hpp"

static std::string hold_repository_file(std::string_view bytes) {
    using namespace persais::checks;
    auto read = parse_repository_file(bytes);
    if (!read) return read.error().empty() ? "refused without a word" : "";
    if (first_forbidden(*read, {std::string(repository_file_name)}) != repository_file_name)
        return "its own file may be changed";
    for (const auto& pattern : read->protect)
        if (!first_forbidden(*read, {"a/b", ".git/x", pattern}) && matches_any(read->protect, pattern))
            return "a protected path may be changed";
    return {};
}

PERSAIS_FUZZ(hold_repository_file)
