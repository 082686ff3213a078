#include "git/changes.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace persais::git {

std::optional<changes> read_changes(std::string_view output) {
    changes found;
    auto add = [](int& sum, std::string_view s) {
        int value = 0; // a binary file has "-"
        std::from_chars(s.data(), s.data() + s.size(), value);
        if (value > 0 && __builtin_add_overflow(sum, value, &sum)) sum = std::numeric_limits<int>::max();
    };
    auto list = pieces(output, '\0');
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto words = list[i];
        if (words.starts_with(':')) { // ":100644 160000 <id> <id> M", then the path; of a rename (R100) both
            if (words.size() < 16) return std::nullopt;
            auto was = words.substr(1, 6), is = words.substr(8, 6);
            bool renamed = words.substr(words.rfind(' ') + 1).starts_with('R');
            if (is == "160000") found.adds_submodule = true;
            if (was == "120000" || is == "120000") found.links = true;
            if (i + (renamed ? 2 : 1) >= list.size()) return std::nullopt;
            if (renamed) found.paths.emplace_back(list[++i]);
            found.paths.emplace_back(list[++i]);
            if (renamed || was == "000000") found.added.push_back(found.paths.back());
            continue;
        }
        auto columns = pieces(words, '\t');
        if (columns.size() < 2) return std::nullopt;
        ++found.stat.files;
        add(found.stat.insertions, columns[0]);
        add(found.stat.deletions, columns[1]);
        if (columns.size() == 2) i += 2; // a rename: there is no path here, the two names follow
    }
    std::ranges::sort(found.paths);
    found.paths.erase(std::ranges::unique(found.paths).begin(), found.paths.end());
    return found;
}

command diff_command(const layout& at, std::string word, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {std::move(word), "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"});
    auto made = at.on_mirror(std::move(flags));
    // From 2.43 on git reads the attributes of HEAD in a bare repository, unless this names another tree. None has this
    // name, and an earlier git reads none there.
    made.settings.emplace_back("attr.tree=refs/persais/no-attributes");
    return made;
}

awaitable<outcome<changes>> changes_between(layout at, std::string base, std::string tree) {
    auto seen = co_await at.run(
        diff_command(at, "diff-tree", {"-r", "-z", "--raw", "--numstat", "--find-renames", "--no-abbrev", base, tree}));
    if (!seen.ok()) co_return std::unexpected(explain_local(seen, "Listing the changes"));
    if (seen.output_cut)
        co_return std::unexpected(
            failure{error_kind::too_large,
                    told<"The change touches too many files.", "Изменение затрагивает слишком много файлов.">()});
    auto found = read_changes(seen.output);
    if (!found)
        co_return std::unexpected(failure{error_kind::bad_object, "Listing the changes: git's list has no end."});
    co_return std::move(*found);
}

awaitable<outcome<diff_stat>> count_changes(layout at, std::string base, std::string tree) {
    auto seen = co_await changes_between(std::move(at), std::move(base), std::move(tree));
    if (!seen) co_return std::unexpected(seen.error());
    co_return seen->stat;
}

} // namespace persais::git
