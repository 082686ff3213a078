// What two changes of the same lines are to the agent that shall make one text of them.
#include "base/text.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/replay.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace persais::git {

namespace {

/// The words of the commits in `from`..`to`, for the one that comes instead of them: the first one's, and the subjects
/// of the others.
awaitable<outcome<std::string>> words_of(layout at, commit_id from, commit_id to) {
    auto listed = co_await at.run(
        at.on_mirror({"log", "--reverse", "--topo-order", "--no-merges", "--format=%B%x00", to, "^" + from}));
    if (!listed.ok() || listed.output_cut) co_return std::unexpected(explain_local(listed, "Listing the commits"));
    std::string all;
    for (auto words : pieces(listed.output, '\0')) {
        words = text::trim(words);
        if (words.empty()) continue;
        if (all.empty())
            all = std::string(words) + "\n";
        else
            all += fmt::format("\n{}\n", words.substr(0, words.find('\n')));
    }
    co_return all;
}

} // namespace

awaitable<outcome<mirror::half_merged>> mirror::merge_as_far_as_it_goes(replay_spec what, bool back) {
    layout at{folder_};
    at.prepare();
    auto used = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!used) co_return std::unexpected(failure{error_kind::other, used.error()});
    if (what.from.empty()) what.from = what.to + "^";
    // A merge is told its base as a commit; of what is taken back, that is the commit itself.
    auto merge = co_await (back ? merge_for_people(at, what.to, what.onto, what.from)
                                : merge_for_people(at, what.from, what.onto, what.to));
    if (!merge) co_return std::unexpected(merge.error());
    if (!back) {
        auto words = co_await words_of(at, what.from, what.to);
        if (!words) co_return std::unexpected(words.error());
        if (!words->empty()) what.message = std::move(*words);
    }
    auto who = signature_of(what.who, what.when);
    auto commit = co_await write_commit(
        at, {.tree = merge->tree, .parent = what.onto, .author = who, .committer = who, .message = what.message});
    if (!commit) co_return std::unexpected(commit.error());
    co_return half_merged{std::move(*commit), std::move(merge->conflicts), std::move(what.message)};
}

namespace {

/// A line that begins or ends a block, as git writes it, and as an agent may have shortened it: the mark, and the name
/// of a side. Lines below the headings of a text have no name.
bool is_mark(std::string_view line) {
    constexpr std::size_t least = 7; // as git writes it when nothing else is said
    for (char c : {'<', '>', '|'}) {
        auto after = line.find_first_not_of(c);
        if (after != line.npos && after >= least && line[after] == ' ' && after + 1 < line.size()) return true;
    }
    return false;
}

} // namespace

awaitable<outcome<std::vector<std::string>>> mirror::marked_in(commit_id base, commit_id commit) {
    std::vector<std::string> found;
    std::pair<std::string, int> seen; // of a long line only the first piece is its beginning
    added_lines into{.file = [](std::string_view) {},
                     .line =
                         [&](std::string_view path, int number, std::string_view text) {
                             std::pair<std::string, int> here{path, number};
                             bool begins = here != std::exchange(seen, here);
                             if (!begins || !is_mark(text)) return;
                             if (std::ranges::find(found, path) == found.end()) found.emplace_back(path);
                         }};
    auto read = co_await read_added(std::move(base), std::move(commit), std::move(into));
    if (!read) co_return std::unexpected(read.error());
    co_return found;
}

} // namespace persais::git
