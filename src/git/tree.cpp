#include "git/tree.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/fetch_local.hpp"
#include "git/files.hpp"
#include "git/history.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"

#include <fmt/format.h>

namespace persais::git {

namespace fs = std::filesystem;

std::string_view never_work() {
    // These are files that tools leave behind and nobody commits. The list only concerns files that the base does not
    // have, and a repository's own .gitignore takes precedence.
    return ".aider*\n__pycache__/\n*.pyc\n.pytest_cache/\n.mypy_cache/\n.ruff_cache/\n.hypothesis/\n.tox/\n.nox/\n"
           ".venv/\n*.egg-info/\nnode_modules/\n.DS_Store\n";
}

void write_tree_settings(const fs::path& git_dir) {
    identity who;
    auto config = content_of(git_dir / "config");
    config += fmt::format("[user]\n\tname = {}\n\temail = {}\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
                          "[commit]\n\tgpgSign = false\n[core]\n\tcheckStat = minimal\n",
                          who.name, who.email);
    write_file(git_dir / "config", config, 0644);
    fs::create_directories(git_dir / "info");
    write_file(git_dir / "info/exclude", never_work(), 0644);
}

namespace {

/// Makes a new repository see the history: its objects, which are at `objects`, its refs, and where it ends.
void borrow(const history& past, const fs::path& git_dir, const std::string& objects) {
    fs::create_directories(git_dir / "objects/info");
    write_file(git_dir / "objects/info/alternates", objects + "\n", 0644);
    write_file(git_dir / "packed-refs", past.refs, 0644);
    if (!past.shallow.empty()) write_file(git_dir / "shallow", past.shallow, 0644);
}

/// Brings the files of another tree, which nothing has used, to where they are to be brought to `commit`. They are the
/// same files on the disk, which is why only what git replaces may ever be written. The other tree's repository is left
/// out, but for its index, by which git sees which files it need not write.
awaitable<outcome<void>> take_files(fs::path from, fs::path tree) {
    auto linked = co_await sandbox::run_child(
        {.argv = {"/bin/cp", "--archive", "--link", "--no-target-directory", "--", from.string(), tree.string()},
         .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"},
         .total = limits::git_local});
    if (!linked.ok()) co_return std::unexpected(explain_local(linked, "Taking the files of another tree"));
    std::error_code ec;
    fs::rename(tree / ".git/index", tree.parent_path() / "index", ec);
    if (ec) co_return std::unexpected(failure{error_kind::other, "The other tree has no index: " + ec.message()});
    co_await remove_folder(tree / ".git");
    co_return outcome<void>{};
}

} // namespace

awaitable<outcome<void>> make_tree(layout at, fs::path tree, tree_wish wish) {
    const auto& [commit, work, past, from] = wish;
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    if (!from.empty())
        if (auto taken = co_await take_files(from, tree); !taken) co_return taken;

    auto git_dir = tree / ".git";
    auto made = co_await at.run({.arguments = {"init", "--quiet", "--template=", "--initial-branch=work",
                                               object_format(commit), "--", tree.string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Making the task's tree"));
    if (!from.empty()) fs::rename(tree.parent_path() / "index", git_dir / "index");
    std::vector<commit_id> wanted{commit};
    if (work && *work != commit) wanted.push_back(*work);
    if (past) {
        borrow(*past, git_dir, past->objects.string());
        wanted.push_back(past->base);
        // What a cut history shows below an older commit may be less than was asked for; so all or none are fetched.
        if (std::ranges::all_of(wanted, [&](const auto& id) { return id == past->tip; })) wanted.clear();
    }
    if (!wanted.empty()) {
        auto fetched = co_await fetch_objects(at, git_dir, std::move(wanted), past ? past->commits : 1);
        if (!fetched) co_return fetched;
    }
    auto in_tree = [&](std::vector<std::string> arguments) {
        return command{.arguments = std::move(arguments),
                       .git_dir = git_dir,
                       .work_tree = tree,
                       // minimal: what was taken from another tree has another time of change
                       .settings = {"core.logAllRefUpdates=false", "checkout.workers=0", "core.checkStat=minimal"}};
    };
    auto checked_out = co_await at.run(in_tree({"checkout", "--quiet", "--force", "--no-track", "-B", "work", commit}));
    if (!checked_out.ok())
        co_return std::unexpected(
            explain_local(checked_out, told<"Checking out the base", "Выгрузка основной ветки">()));
    if (work && *work != commit) {
        auto on_top = co_await at.run(in_tree({"read-tree", "-m", "-u", commit, *work}));
        if (!on_top.ok())
            co_return std::unexpected(
                explain_local(on_top, told<"Checking out the earlier work", "Выгрузка прежней работы">()));
    }
    if (past && past->base != past->tip) {
        auto set = co_await at.run(in_tree({"update-ref", base_ref(past->branch), past->base}));
        if (!set.ok())
            co_return std::unexpected(explain_local(set, told<"Writing the base branch", "Запись основной ветки">()));
    }
    if (past) write_file(git_dir / "objects/info/alternates", past->seen_at + "\n", 0644);
    write_tree_settings(git_dir);
    co_return outcome<void>{};
}

awaitable<outcome<void>> mirror::make_tree(fs::path tree, commit_id commit, std::optional<commit_id> work,
                                           std::shared_ptr<const history> past) {
    if (!is_id(commit) || (work && !is_id(*work)))
        co_return std::unexpected(failure{error_kind::other, "A tree is made from a whole commit id."});
    tree = fs::absolute(tree);
    co_await remove_folder(tree);
    fs::create_directories(tree.parent_path());
    co_return co_await git::make_tree({folder_}, std::move(tree),
                                      {std::move(commit), std::move(work), std::move(past)});
}

} // namespace persais::git
