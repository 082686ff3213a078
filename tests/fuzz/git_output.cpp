// What git says of a remote and of others' commits. The first byte says which of the parsers reads the rest.
#include "fuzz.hpp"
#include "git/changes.hpp"
#include "git/index_file.hpp"
#include "git/lfs.hpp"
#include "git/refs.hpp"
#include "git/submodules.hpp"

#include <algorithm>
#include <cctype>

static std::string hold_git_output(std::string_view bytes) {
    using namespace persais::git;
    if (bytes.empty()) return {};
    auto rest = bytes.substr(1);
    switch (bytes.front() % 5) {
    case 0: {
        auto refs = parse_ls_remote(rest);
        if (refs.head && !refs.branches.contains(*refs.head)) return "a HEAD that is no branch";
        break;
    }
    case 1: {
        auto found = read_changes(rest);
        if (!found) break;
        for (const auto& path : found->paths)
            if (path.contains('\0')) return "a NUL in a path";
        break;
    }
    case 2: {
        auto index = index_file::parse(std::string(rest));
        if (!index) break;
        for (const auto& one : index->entries())
            if (one.path.empty() || one.path.contains('\0') || one.at + 40 > index->bytes().size())
                return "an entry that is none";
        if (!index_file::parse(index->with(index->entries()))) return "an index that it wrote and does not read";
        break;
    }
    case 3:
        if (auto pointer = read_lfs_pointer(rest))
            if (pointer->oid.size() != 64 ||
                !std::ranges::all_of(pointer->oid, [](unsigned char c) { return std::isxdigit(c); }))
                return "an oid that is none";
        break;
    default: {
        auto cut = std::min(rest.find('\1'), rest.size());
        auto found = read_submodules(rest.substr(0, cut), rest.substr(std::min(cut + 1, rest.size())));
        if (!found) break;
        // Its path is an object's, which git has verified; its name is what somebody wrote into .gitmodules.
        for (const auto& one : *found)
            if (one.name.starts_with('/') || one.name == ".." || one.name.starts_with("../") ||
                one.name.ends_with("/..") || one.name.contains("/../"))
                return "a folder outside of where submodules are kept";
    }
    }
    return {};
}

PERSAIS_FUZZ(hold_git_output)
