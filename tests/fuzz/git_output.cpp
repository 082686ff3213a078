// What git says of a remote and of others' commits. The first byte says which of the parsers reads the rest.
#include "fuzz.hpp"
#include "git/changes.hpp"
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
        changes into;
        read_raw(rest, into);
        for (const auto& path : into.paths)
            if (path.contains('\0')) return "a NUL in a path";
        break;
    }
    case 2:
        read_numstat(rest);
        break;
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
