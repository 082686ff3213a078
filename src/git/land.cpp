// What brings approved work onto a branch that is everybody's, and takes it back.
#include "base/text.hpp"
#include "base/told.hpp"
#include "git/changes.hpp"
#include "git/lock.hpp"
#include "git/replay.hpp"
#include "git/trailers.hpp"

#include <fmt/format.h>

namespace persais::git {

namespace {

/// Stores what was made, so that no gc takes it, and its size.
awaitable<outcome<mirror::replayed>> keep(layout at, mirror::replay_spec what, mirror::replayed made) {
    auto kept = co_await at.run(at.on_mirror({"update-ref", "--no-deref", what.keep_as, made.commit}));
    if (!kept.ok()) co_return std::unexpected(explain_local(kept, "Keeping the commit"));
    auto stat = co_await count_changes(at, what.onto, made.commit);
    if (!stat) co_return std::unexpected(stat.error());
    made.stat = *stat;
    co_return made;
}

awaitable<outcome<held_lock>> use(layout at) {
    at.prepare();
    auto held = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!held) co_return std::unexpected(failure{error_kind::other, held.error()});
    co_return std::move(*held);
}

} // namespace

awaitable<outcome<mirror::replayed>> mirror::rebase(replay_spec what) {
    layout at{folder_};
    auto held = co_await use(at);
    if (!held) co_return std::unexpected(held.error());
    auto listed = co_await at.run(
        at.on_mirror({"rev-list", "--reverse", "--topo-order", "--no-merges", what.to, "^" + what.from}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Listing the commits"));
    replayed made{.commit = what.onto, .conflicts = {}, .stat = {}};
    auto tree = co_await tree_of(at, what.onto);
    if (!tree) co_return std::unexpected(tree.error());
    for (auto line : pieces(listed.output, '\n')) {
        commit_id each(line);
        auto merge = co_await merge_trees(at, each + "^", made.commit, each);
        if (!merge) co_return std::unexpected(merge.error());
        if (!merge->conflicts.empty()) co_return replayed{.conflicts = std::move(merge->conflicts), .stat = {}};
        if (merge->tree == *tree) continue; // it is there already
        auto words = co_await read_commit(at, each);
        if (!words) co_return std::unexpected(words.error());
        auto commit = co_await write_commit(at, {.tree = merge->tree,
                                                 .parent = made.commit,
                                                 .author = std::move(words->author),
                                                 .committer = signature_of(what.who, what.when),
                                                 .message = message_of(what.who, std::move(words->message)),
                                                 .signing_key = what.who.signing_key});
        if (!commit) co_return std::unexpected(commit.error());
        made.commit = *commit;
        tree = merge->tree;
    }
    auto same = co_await same_change(at, what.from, what.to, what.onto, made.commit);
    if (!same) co_return std::unexpected(same.error());
    made.same_text = *same;
    co_return co_await keep(at, std::move(what), std::move(made));
}

awaitable<outcome<mirror::replayed>> mirror::revert(replay_spec what) {
    layout at{folder_};
    auto held = co_await use(at);
    if (!held) co_return std::unexpected(held.error());
    if (what.from.empty()) what.from = what.to + "^";
    auto merge = co_await merge_trees(at, what.to, what.onto, what.from);
    if (!merge) co_return std::unexpected(merge.error());
    if (!merge->conflicts.empty()) co_return replayed{.conflicts = std::move(merge->conflicts), .stat = {}};
    auto tree = co_await tree_of(at, what.onto);
    if (!tree) co_return std::unexpected(tree.error());
    replayed made{.commit = what.onto, .conflicts = {}, .stat = {}};
    if (merge->tree != *tree) {
        auto who = signature_of(what.who, what.when);
        auto commit = co_await write_commit(at, {.tree = merge->tree,
                                                 .parent = what.onto,
                                                 .author = who,
                                                 .committer = who,
                                                 .message = message_of(what.who, what.message),
                                                 .signing_key = what.who.signing_key});
        if (!commit) co_return std::unexpected(commit.error());
        made.commit = *commit;
    }
    auto same = co_await same_change(at, what.to, what.from, what.onto, made.commit);
    if (!same) co_return std::unexpected(same.error());
    made.same_text = *same;
    co_return co_await keep(at, std::move(what), std::move(made));
}

awaitable<outcome<commit_id>> mirror::find_commit(std::string digits) {
    layout at{folder_};
    auto ask = at.on_mirror({"cat-file", "--batch-check=%(objectname)"});
    ask.input = digits + "^{commit}\n";
    auto found = co_await at.run(std::move(ask));
    if (!found.ok()) co_return std::unexpected(explain_local(found, "Looking for the commit"));
    auto id = std::string(text::trim(found.output));
    co_return is_id(id) ? id : commit_id();
}

awaitable<outcome<bool>> mirror::contains(commit_id tip, commit_id commit) {
    if (!is_id(tip) || !is_id(commit)) co_return false;
    for (const auto& each : {tip, commit}) {
        auto here = co_await has(each);
        if (!here || !*here) co_return here;
    }
    layout at{folder_};
    auto asked = co_await at.run(at.on_mirror({"merge-base", "--is-ancestor", commit, tip}));
    constexpr int no = 1; // any other is no answer
    if (!asked.ok() && !(asked.how == sandbox::ended::exited && asked.code == no))
        co_return std::unexpected(explain_local(asked, "Looking whether the branch has the commit"));
    co_return asked.ok();
}

awaitable<outcome<mirror::pushed>> mirror::land(std::string branch, commit_id commit, commit_id expected) {
    auto on_top = co_await contains(commit, expected);
    if (!on_top) co_return std::unexpected(on_top.error());
    if (!*on_top)
        co_return std::unexpected(
            failure{error_kind::moved, told<"The commit is not on top of what the branch {} holds; nothing was pushed.",
                                            "Коммит стоит не на вершине ветки {}; ничего не отправлено.">(branch)});
    co_return co_await push(std::move(branch), std::move(commit), std::move(expected));
}

} // namespace persais::git
