#include "git/base_tree.hpp"

#include "base/told.hpp"
#include "git/address.hpp"
#include "git/files.hpp"
#include "git/history.hpp"
#include "git/leftovers.hpp"
#include "git/limits.hpp"
#include "git/tree.hpp"
#include "sandbox/limits.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

/// A checkout's folder. Its time of change is when it was last asked for.
struct standing {
    fs::path folder;
    fs::path tree() const { return folder / "tree"; }
    fs::path index() const { return folder / "tree/.git/index"; }
    fs::path state() const { return folder / "state"; } // how it was made; absent: never completely
    fs::path use() const { return folder / "use"; }     // held shared while it is lent; alone to remove it
};

/// Nothing of a checkout is forced out to the disk, because it can be made again: after the machine lost its power,
/// what was made before may have holes.
/// `kind`: "base" and the commit, of which others may be made, or "apart": the work of a task, what was added to it.
std::string state_of(std::string_view kind) {
    return fmt::format("{}{}\n", boot_id(), kind);
}

constexpr std::string_view of_base = "base ";

bool is_whole(const standing& place) {
    return content_of(place.state()).starts_with(boot_id());
}

std::vector<standing> all_of(const layout& at) {
    std::vector<standing> all;
    std::error_code ec;
    for (fs::directory_iterator it(at.trees(), ec), end; !ec && it != end; it.increment(ec))
        all.push_back({it->path()});
    std::ranges::sort(all, std::greater(), [](const standing& one) {
        std::error_code none;
        return fs::last_write_time(one.folder, none);
    });
    return all;
}

/// False: it is in use.
awaitable<bool> remove(standing place) {
    auto alone = co_await lock(place.use(), sharing::alone, {});
    if (!alone) co_return false;
    std::error_code ec;
    fs::remove(place.state(), ec); // first, so that what a kill leaves of it is not used
    co_await remove_folder(place.folder);
    co_return true;
}

/// Whether a file that both commits have is on the disk as the same bytes. What .gitattributes say of line ends, $Id$
/// and encodings changes files whose blob is the same, which git does not write again.
awaitable<bool> have_same_attributes(layout at, commit_id one, commit_id other) {
    auto changed = co_await at.run(at.on_mirror({"diff-tree", "-r", "-z", "--name-only", one, other}));
    if (!changed.ok() || changed.output_cut) co_return false;
    co_return std::ranges::none_of(pieces(changed.output, '\0'), [](std::string_view path) {
        return path == ".gitattributes" || path.ends_with("/.gitattributes");
    });
}

/// The newest whole one that has nothing but a commit of the base branch, and its files in the form of `commit`.
awaitable<fs::path> nearest(layout at, std::vector<standing> all, commit_id commit) {
    auto start = boot_id().append(of_base);
    for (const auto& one : all) {
        auto state = content_of(one.state());
        if (!state.starts_with(start)) continue;
        auto earlier = first_word(std::string_view(state).substr(start.size()));
        if (is_id(earlier) && co_await have_same_attributes(at, std::move(earlier), commit)) co_return one.tree();
    }
    co_return fs::path();
}

/// Written while a checkout is made, so that the start of a whole one is its last step.
awaitable<outcome<void>> make(layout at, standing place, base_tree_wish wish) {
    auto all = all_of(at);
    // Of one that is lent, the state may be unreadable, for want of descriptors or by a failing disk.
    if (fs::is_directory(place.folder) && !co_await remove(place))
        co_return std::unexpected(
            failure{error_kind::other,
                    told<"{} is in use, but cannot be read: it is not made anew.",
                         "Папка {} занята, но не читается, поэтому она не создаётся заново.">(place.folder.string())});
    co_await remove_folder(place.folder);
    make_private_folder(place.folder);
    bool plain = wish.additions.empty();
    tree_wish tree{.commit = wish.commit, .work = {}, .past = wish.past};
    if (plain) tree.from = co_await nearest(at, all, wish.commit);
    auto made = co_await make_tree(at, place.tree(), tree);
    if (!made && !tree.from.empty()) {
        co_await remove_folder(place.tree());
        tree.from.clear();
        made = co_await make_tree(at, place.tree(), std::move(tree));
    }
    if (made && !plain) made = co_await wish.add(place.tree());
    if (!made) {
        co_await remove_folder(place.folder);
        co_return made;
    }
    bool is_base = plain && wish.past && wish.past->base == wish.commit;
    write_file(place.state(), state_of(is_base ? std::string(of_base) + wish.commit : "apart"), 0600);
    std::error_code ec;
    auto disk = fs::space(at.folder, ec);
    std::size_t most = !ec && disk.available < 2 * limits::disk_reserve_bytes ? 1 : limits::base_trees, kept = 1;
    for (auto& one : all)
        if (one.folder != place.folder && (!is_whole(one) || ++kept > most)) co_await remove(one);
    co_return outcome<void>{};
}

/// git reads a file again whose time is not before that of the index, because it may have been changed since at the
/// same time. Nothing has changed these, which can be said as soon as their second is over.
void settle(const standing& place) {
    auto now = fs::file_time_type::clock::now();
    auto made = fs::last_write_time(place.state());
    if (fs::last_write_time(place.index()) > made || now - made < limits::base_tree_settled) return;
    fs::last_write_time(place.index(), now);
}

std::string name_of(const base_tree_wish& wish) {
    std::string what = wish.commit + "\n" + wish.additions + "\n";
    if (wish.past)
        what += fmt::format("{}\n{}\n{}\n{}\n{}\n{}", wish.past->branch, wish.past->base, wish.past->commits,
                            wish.past->seen_at, wish.past->shallow, wish.past->refs);
    return folder_name(wish.commit.substr(0, 12), what);
}

} // namespace

awaitable<outcome<std::shared_ptr<const base_tree>>> base_tree_of(const mirror& of, base_tree_wish wish) {
    layout at{fs::absolute(of.folder())};
    if (!is_id(wish.commit))
        co_return std::unexpected(failure{error_kind::other, "A tree is made from a whole commit id."});
    auto turn = co_await lock(at.making_trees(), sharing::alone, limits::git_network);
    if (!turn) co_return std::unexpected(failure{error_kind::other, turn.error()});
    make_private_folder(at.trees());
    standing place{at.trees() / name_of(wish)};
    if (!is_whole(place))
        if (auto made = co_await make(at, place, std::move(wish)); !made) co_return std::unexpected(made.error());
    settle(place);
    fs::last_write_time(place.folder, fs::file_time_type::clock::now());
    auto use = co_await lock(place.use(), sharing::shared, {}); // nobody takes it alone without our turn
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    co_return std::make_shared<base_tree>(base_tree{place.tree(), std::move(*use)});
}

awaitable<> tidy_base_trees(layout at, fs::file_time_type before) {
    auto all = all_of(at);
    if (all.empty()) co_return;
    auto turn = co_await lock(at.making_trees(), sharing::alone, {});
    if (!turn) co_return; // the next time
    for (auto& one : all)
        if (!is_whole(one) || fs::last_write_time(one.folder) < before) co_await remove(one);
}

} // namespace persais::git
