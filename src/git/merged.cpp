#include "git/merged.hpp"

#include "base/text.hpp"
#include "git/replay.hpp"

#include <fmt/format.h>

namespace persais::git {

namespace {

awaitable<outcome<std::string>> ask(layout at, std::vector<std::string> words) {
    auto found = co_await at.run(at.on_mirror(std::move(words)));
    if (!found.ok()) co_return std::unexpected(explain_local(found, "Looking at the merged commit"));
    co_return std::string(text::trim(found.output));
}

} // namespace

awaitable<outcome<commit_id>> before_merge(const mirror& in, commit_id merged, commit_id head, commit_id base) {
    layout at{in.folder()};
    int back = 1; // along the first parents
    auto parents = co_await ask(at, {"rev-list", "--parents", "--max-count=1", merged});
    if (!parents) co_return std::unexpected(parents.error());
    if (pieces(*parents, ' ').size() == 2) { // one parent: the commit, and it
        auto mine = co_await read_commit(at, head), theirs = co_await read_commit(at, merged);
        if (!mine || !theirs) co_return std::unexpected(mine ? theirs.error() : mine.error());
        auto count = co_await ask(at, {"rev-list", "--count", "--no-merges", head, "^" + base});
        if (!count) co_return std::unexpected(count.error());
        // Commits that were made anew keep their words; one that was made of all of them has words of its own.
        if (mine->message == theirs->message) back = std::max(1, std::atoi(count->c_str()));
    }
    co_return co_await ask(at, {"rev-parse", "--verify", "--quiet", fmt::format("{}~{}^{{commit}}", merged, back)});
}

} // namespace persais::git
