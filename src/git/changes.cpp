#include "git/changes.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"

#include <charconv>
#include <limits>

namespace persais::git {

void read_raw(std::string_view output, changes& into) {
    auto list = pieces(output, '\0');
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        // An entry is ":100644 160000 <id> <id> M", then the path.
        if (list[i].size() > 14) {
            auto was = list[i].substr(1, 6), is = list[i].substr(8, 6);
            if (is == "160000") into.adds_submodule = true;
            if (was == "120000" || is == "120000") into.links = true;
            if (was == "000000") into.added.emplace_back(list[i + 1]);
        }
        into.paths.emplace_back(list[i + 1]);
    }
}

diff_stat read_numstat(std::string_view output) {
    diff_stat stat;
    auto add = [](int& sum, std::string_view s) {
        int value = 0; // a binary file has "-"
        std::from_chars(s.data(), s.data() + s.size(), value);
        if (value > 0 && __builtin_add_overflow(sum, value, &sum)) sum = std::numeric_limits<int>::max();
    };
    auto list = pieces(output, '\0');
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto columns = pieces(list[i], '\t');
        if (columns.size() < 2) continue;
        ++stat.files;
        add(stat.insertions, columns[0]);
        add(stat.deletions, columns[1]);
        if (columns.size() == 2) i += 2; // a rename: there is no path here, the two names follow
    }
    return stat;
}

command diff_command(const layout& at, std::string word, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {std::move(word), "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"});
    auto made = at.on_mirror(std::move(flags));
    // From 2.43 on git reads the attributes of HEAD in a bare repository, unless this names another tree. None has this
    // name, and an earlier git reads none there.
    made.settings.emplace_back("attr.tree=refs/persais/no-attributes");
    return made;
}

awaitable<outcome<diff_stat>> count_changes(layout at, std::string base, std::string tree) {
    auto counted =
        co_await at.run(diff_command(at, "diff-tree", {"-r", "-z", "--numstat", "--find-renames", base, tree}));
    if (!counted.ok()) co_return std::unexpected(explain_local(counted, "Counting the changes"));
    co_return read_numstat(counted.output);
}

awaitable<outcome<changes>> changes_between(layout at, std::string base, std::string tree) {
    changes found;
    auto raw = co_await at.run(
        diff_command(at, "diff-tree", {"-r", "-z", "--raw", "--no-renames", "--no-abbrev", base, tree}));
    if (!raw.ok()) co_return std::unexpected(explain_local(raw, "Listing the changes"));
    if (raw.output_cut)
        co_return std::unexpected(
            failure{error_kind::too_large,
                    told<"The change touches too many files.", "Изменение затрагивает слишком много файлов.">()});
    read_raw(raw.output, found);
    auto counted = co_await count_changes(std::move(at), base, tree);
    if (!counted) co_return std::unexpected(counted.error());
    found.stat = *counted;
    co_return found;
}

} // namespace persais::git
