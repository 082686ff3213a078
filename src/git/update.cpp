#include "base/told.hpp"
#include "git/changes.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"

#include <fstream>
#include <memory>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

/// This runs confined, in the tree: the checks may have done anything to its repository, so nothing that it says is
/// trusted. Owner, inode and change time are ignored, because they mean nothing in a tree that was handed over or
/// copied, and git would write every file anew.
constexpr const char* script =
    "set -e\n"
    "here() { git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.trustctime=false "
    "-c core.checkStat=minimal \"$@\"; }\n"
    "git index-pack --stdin --fix-thin < \"$HOME/pack\" > /dev/null\n"
    "here update-index -q --refresh > /dev/null || true\n" // a file that a program only touched keeps its time, too
    "here reset --quiet --hard \"$1\"\n"
    // Of a submodule that the work removed, git leaves the folder.
    "git ls-tree -r -z \"$2\" | grep -z '^160000' | cut -z -f2- | xargs -0 -r sh -c '\n"
    "  for path do git rev-parse --verify --quiet \"$0:$path\" > /dev/null || rm -rf -- \"./$path\"; done' \"$1\"\n";

/// Earlier work on top of a tree that no program has used: its commit stays the base.
constexpr const char* on_top = "set -e\n"
                               "git index-pack --stdin --fix-thin < \"$HOME/pack\" > /dev/null\n"
                               "git -c core.hooksPath=/dev/null read-tree -m -u \"$2\" \"$1\"\n";

/// Writes the objects of `commit` that `base` does not have into `file`.
awaitable<outcome<void>> write_pack(layout at, commit_id base, commit_id commit, fs::path file) {
    auto ask = at.on_mirror({"pack-objects", "--revs", "--thin", "--stdout", "--quiet", "--delta-base-offset"});
    ask.input = commit + "\n^" + base + "\n";
    ask.keep_output = 1;
    auto out = std::make_shared<std::ofstream>(file, std::ios::binary);
    ask.on_output = [out](std::string_view piece) {
        out->write(piece.data(), static_cast<std::streamsize>(piece.size()));
    };
    auto made = co_await at.run(std::move(ask));
    out->close();
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Packing the work"));
    if (!*out)
        co_return std::unexpected(
            failure{error_kind::disk_full, told<"The work could not be written for its checks: the disk is full?",
                                                "Работу не удалось записать для проверок: возможно, диск полон.">()});
    co_return outcome<void>{};
}

/// Runs a script in the tree, which gets the objects of `commit` beside those of `base`.
awaitable<outcome<void>> bring(layout at, const char* how, commit_id base, commit_id commit,
                               const sandbox::backend& confine, sandbox::view view, std::string doing) {
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    view.home += ".update";
    view.home_layers = {};
    view.disk_shares = 2;
    co_await remove_folder(view.home);
    make_private_folder(view.home);
    auto packed = co_await write_pack(at, base, commit, view.home / "pack");
    if (!packed) co_return std::unexpected(packed.error());
    confine.hand_over(view.home, view.slot);
    sandbox::child_spec spec{.argv = {"/bin/sh", "-c", how, "sh", commit, base},
                             .environment = {"PATH=/usr/bin:/bin", "HOME=" + confine.inside(view, view.home),
                                             "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
                                             "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=none"},
                             .folder = confine.inside(view, view.tree),
                             .total = limits::git_local};
    auto done = unless_killed(co_await sandbox::run_child(confine.confine(std::move(spec), view)));
    co_await remove_folder(view.home);
    if (!done.ok()) co_return std::unexpected(explain_local(done, doing));
    co_return outcome<void>{};
}

} // namespace

awaitable<outcome<std::vector<std::string>>> mirror::changed_paths(commit_id from, commit_id to) {
    layout at{folder_};
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    auto changed = co_await changes_between(at, std::move(from), std::move(to));
    if (!changed) co_return std::unexpected(changed.error());
    co_return std::move(changed->paths);
}

awaitable<outcome<void>> mirror::update_tree(commit_id base, commit_id commit, const sandbox::backend& confine,
                                             sandbox::view view) {
    co_return co_await bring({folder_}, script, std::move(base), std::move(commit), confine, std::move(view),
                             told<"Bringing the work to its checks", "Подготовка работы к проверкам">());
}

awaitable<outcome<void>> mirror::lay_on_top(commit_id base, commit_id work, const sandbox::backend& confine,
                                            sandbox::view view) {
    co_return co_await bring({folder_}, on_top, std::move(base), std::move(work), confine, std::move(view),
                             told<"Checking out the earlier work", "Выгрузка прежней работы">());
}

} // namespace persais::git
