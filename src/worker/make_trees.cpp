#include "worker/make_trees.hpp"

namespace persais::worker {

namespace {

/// The checks of a repository move whole folders, which only some layers allow.
bool may_be_layered(sandbox::layering how, task_workspace::part which) {
    using enum sandbox::layering;
    return how == whole || (how == without_moves && which == task_workspace::part::code);
}

} // namespace

awaitable<git::outcome<void>> make_tree(const dependencies& with, git::mirror mirror, task_workspace& place,
                                        task_workspace::part which, git::commit_id commit,
                                        std::optional<git::commit_id> work, const tree_additions& beyond) {
    bool on_top = work && *work != commit;
    // What is beyond its commit is in the checkout, whose git does not know it as such: work is laid on top before it.
    if (may_be_layered(with.layering, which) && !(on_top && !beyond.described().empty())) {
        git::base_tree_wish wish{.commit = commit,
                                 .past = place.past(),
                                 .additions = beyond.described(),
                                 .add = [&](auto tree) { return beyond.place(std::move(tree)); }};
        auto base = co_await git::base_tree_of(mirror, std::move(wish));
        if (!base) co_return std::unexpected(base.error());
        co_await place.begin_tree(which, std::move(*base), with.backend);
        if (!on_top) co_return git::outcome<void>{};
        auto view = which == task_workspace::part::code ? place.code() : place.check();
        co_return co_await mirror.lay_on_top(std::move(commit), *std::move(work), with.backend, std::move(view));
    }
    co_await place.begin_tree(which, nullptr, with.backend);
    auto view = which == task_workspace::part::code ? place.code() : place.check();
    auto made = co_await mirror.make_tree(view.tree, std::move(commit), std::move(work), place.past());
    if (made) made = co_await beyond.place(view.tree);
    if (made) co_await with.backend.hand_over_beside(view.tree, view.slot);
    co_return made;
}

} // namespace persais::worker
