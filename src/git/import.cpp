#include "base/on_a_thread.hpp"
#include "base/told.hpp"
#include "git/changes.hpp"
#include "git/explain.hpp"
#include "git/fetch_local.hpp"
#include "git/files.hpp"
#include "git/import_script.hpp"
#include "git/incoming.hpp"
#include "git/lfs.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/pack_work.hpp"
#include "git/refs.hpp"
#include "git/trailers.hpp"
#include "git/tree_look.hpp"
#include "git/unsafe_paths.hpp"
#include "git/upper_look.hpp"
#include "git/work_commit.hpp"

#include <charconv>
#include <memory>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

/// Where the confined git finds the objects of the base.
enum class base_from {
    the_agents_repository, // fast: the objects of its clone are still there, whatever else was done to it
    the_mirror             // when the agent's repository is broken or gone: they are fetched again
};

/// The output of the confined git.
struct report {
    std::string tree;
    std::vector<std::string> left_out;
    std::vector<std::string> lfs_left_out;
    std::string large;
};

report read_report(std::string_view standard_error) {
    report said;
    for (auto line : pieces(standard_error, '\n')) {
        auto after = [&](std::string_view prefix) { return std::string(line.substr(prefix.size())); };
        if (line.starts_with("persais:tree ")) said.tree = after("persais:tree ");
        if (line.starts_with("persais:left-out ")) said.left_out.push_back(after("persais:left-out "));
        if (line.starts_with("persais:lfs ")) said.lfs_left_out.push_back(after("persais:lfs "));
        if (line.starts_with("persais:large ")) said.large = after("persais:large ");
    }
    return said;
}

failure too_large(const std::string& large) {
    // The form is "BYTES FILES FOLDER".
    auto words = pieces(large, ' ');
    double bytes = 0;
    int files = 0;
    if (words.size() >= 3) {
        std::from_chars(words[0].data(), words[0].data() + words[0].size(), bytes);
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), files);
    }
    auto folder = words.size() >= 3 ? large.substr(words[0].size() + words[1].size() + 2) : std::string("./");
    return {
        error_kind::too_large,
        told<"The work holds {:.0f} MB in new and changed files, {} of them new, more than {} MB or {} new files; most "
             "of it is in {}. Name what is not part of the change in .gitignore, and retry.",
             "В работе {:.0f} МБ новых и изменённых файлов, новых {}, а это больше {} МБ или {} новых файлов; больше "
             "всего в {}. Назовите в .gitignore то, что не относится к изменению, и повторите.">(
            bytes / 1e6, files, limits::import_bytes / 1000000, limits::import_files, folder)};
}

std::string lines_of(const std::vector<std::string>& paths) {
    std::string list;
    for (const auto& path : paths)
        list.append(path) += '\0';
    return list;
}

/// One import, from an empty home to a tree in the mirror.
struct import_run {
    layout at;
    const mirror::import_spec& what; // in the caller's frame, which outlives this object
    const sandbox::backend& confine;
    sandbox::view view; // the task's tree, and a home that only this import uses

    fs::path repository() const { return view.home / "import.git"; }

    /// An empty home. It has what the confined git wrote there, and nothing of the agent.
    awaitable<> clear() const {
        auto home = view.home;
        bool gone = co_await on_a_thread([home] {
            std::error_code ec;
            fs::remove_all(home, ec);
            return !ec;
        });
        if (!gone) co_await remove_folder(view.home);
    }

    awaitable<outcome<void>> prepare(base_from from, const tree_look* known) {
        co_await clear();
        make_private_folder(view.home);
        write_import_repository(repository(), what.base);
        if (from == base_from::the_mirror) {
            auto fetched = co_await fetch_objects(at, repository(), {what.base}, 1);
            if (!fetched) co_return fetched;
        } else {
            write_file(repository() / "objects/info/alternates", confine.inside(view, view.tree) + "/.git/objects\n",
                       0644);
            write_file(repository() / "shallow", what.base + "\n", 0644);
        }
        if (known) {
            write_file(view.home / "index", known->index, 0644);
            write_file(view.home / "touched", lines_of(known->touched), 0644);
            write_file(view.home / "fresh", lines_of(known->fresh), 0644);
            write_file(view.home / "begin", lines_of_work_commit(what) + deletions(known->gone), 0644);
        }
        confine.hand_over(view.home, view.slot);
        co_return outcome<void>{};
    }

    /// The same without a sandbox, of what is known and can be read here. An error leaves it to the confined git.
    awaitable<outcome<report>> run_here(const tree_look& known) {
        auto files = co_await read_work(known, view.tree, view.tree_layers);
        if (!files) co_return std::unexpected(failure{error_kind::other, ""});
        co_await clear();
        make_private_folder(view.home);
        auto made = co_await pack_work(at, view.home, what, known, std::move(*files));
        if (!made) co_return std::unexpected(made.error());
        if (!made->pack.empty()) {
            incoming_pack pack(at.incoming());
            pack.add(made->pack);
            auto taken = co_await take_in(at, pack);
            if (!taken) co_return std::unexpected(taken.error());
        }
        co_return report{.tree = std::move(made->tree)};
    }

    sandbox::child_spec confined(incoming_pack& into, const tree_look* known) const {
        auto home = confine.inside(view, view.home);
        auto tree = confine.inside(view, view.tree);
        std::vector<std::string> script{"/bin/sh", "-c"};
        if (known)
            script.insert(script.end(),
                          {std::string(import_changes_script()), "sh", what.base, known->attributes ? "rules" : ""});
        else
            script.insert(script.end(),
                          {std::string(import_script()), "sh", what.base, std::to_string(limits::import_bytes),
                           std::to_string(limits::import_files), what.lfs ? "lfs" : ""});
        sandbox::child_spec spec{.argv = std::move(script),
                                 .environment = {"PATH=/usr/bin:/bin",
                                                 "HOME=" + home,
                                                 "LC_ALL=C",
                                                 "GIT_DIR=" + home + "/import.git",
                                                 "GIT_WORK_TREE=" + tree,
                                                 "GIT_INDEX_FILE=" + home + "/index",
                                                 "GIT_CONFIG_NOSYSTEM=1",
                                                 "GIT_CONFIG_SYSTEM=/dev/null",
                                                 "GIT_CONFIG_GLOBAL=/dev/null",
                                                 "GIT_ATTR_NOSYSTEM=1",
                                                 "GIT_NO_REPLACE_OBJECTS=1",
                                                 "GIT_LITERAL_PATHSPECS=1",
                                                 "GIT_TERMINAL_PROMPT=0",
                                                 "GIT_ALLOW_PROTOCOL=none",
                                                 "GIT_CONFIG_COUNT=1",
                                                 "GIT_CONFIG_KEY_0=safe.directory",
                                                 "GIT_CONFIG_VALUE_0=*",
                                                 "GIT_AUTHOR_NAME=work",
                                                 "GIT_AUTHOR_EMAIL=work",
                                                 "GIT_COMMITTER_NAME=work",
                                                 "GIT_COMMITTER_EMAIL=work",
                                                 "GIT_AUTHOR_DATE=@0 +0000",
                                                 "GIT_COMMITTER_DATE=@0 +0000",
                                                 "PERSAIS_LFS_CLEAN=" + std::string(lfs_clean())},
                                 .folder = tree,
                                 .total = limits::git_local,
                                 .limits = {.file_bytes = limits::import_bytes},
                                 .on_output = [&into](std::string_view piece) { into.add(piece); }};
        auto own = view;
        own.disk_shares = 2;
        return confine.confine(std::move(spec), own);
    }

    /// Returns the tree's id; its objects are then in the mirror.
    /// `known`: what is not as in the base; null: everything is read.
    awaitable<outcome<report>> run(base_from from, const tree_look* known = nullptr) {
        auto prepared = co_await prepare(from, known);
        if (!prepared) co_return std::unexpected(prepared.error());
        incoming_pack pack(at.incoming());
        sandbox::child_result result;
        bool overflow = false;
        try {
            result = unless_killed(co_await sandbox::run_child(confined(pack, known)));
        } catch (const incoming_pack::overflow&) {
            overflow = true;
        }
        if (overflow)
            co_return std::unexpected(
                failure{error_kind::too_large,
                        told<"The work is larger than {} MB packed.", "Работа в упакованном виде больше {} МБ.">(
                            limits::import_bytes / 1000000)});
        auto said = read_report(result.error);
        if (result.how == sandbox::ended::exited && result.code == import_too_large)
            co_return std::unexpected(too_large(said.large));
        if (result.how == sandbox::ended::exited && result.code == import_base_missing)
            co_return std::unexpected(
                failure{error_kind::bad_object,
                        told<"The task's repository has lost its base.", "Репозиторий задачи потерял свою основу.">()});
        if (!result.ok()) co_return std::unexpected(explain_local(result, "Collecting the work"));
        if (!is_id(said.tree))
            co_return std::unexpected(failure{error_kind::bad_object, "Collecting the work: no tree was named."});
        if (!pack.empty()) {
            auto taken = co_await take_in(at, pack);
            if (!taken) co_return std::unexpected(taken.error());
        }
        co_return said;
    }
};

} // namespace

awaitable<outcome<mirror::imported>> mirror::import(import_spec what, const sandbox::backend& confine,
                                                    const sandbox::view& inside) {
    layout at{folder_};
    at.prepare();
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    what.message = message_of(what.who, std::move(what.message));
    sandbox::view alone{.tree = inside.tree,
                        .home = inside.home,
                        .history = inside.history,
                        .tree_layers = inside.tree_layers,
                        .slot = inside.slot};
    alone.home += ".import";
    import_run one{at, what, confine, alone};
    std::optional<tree_look> known;
    if (!what.lfs && inside.tree_layers)
        known = co_await look_at_upper(inside.tree_layers, what.base);
    else if (!what.lfs)
        known = co_await look_again(inside.tree, what.remembered, what.base);
    outcome<report> taken = std::unexpected(failure{error_kind::other, ""});
    auto again = [&] {
        return !taken && taken.error().kind != error_kind::too_large && taken.error().kind != error_kind::disk_full;
    };
    if (known && known->nothing()) taken = report{};
    if (known && !known->attributes && again()) taken = co_await one.run_here(*known);
    bool read_here = taken.has_value();
    if (known && again()) taken = co_await one.run(base_from::the_agents_repository, &*known);
    if (again()) taken = co_await one.run(base_from::the_agents_repository);
    // Whatever was done to the agent's own repository, its work is in the files, so a second try uses only these.
    if (again()) taken = co_await one.run(base_from::the_mirror);
    co_await one.clear();
    if (!taken) co_return std::unexpected(taken.error());

    imported made{.commit = what.base,
                  .stat = {},
                  .paths = {},
                  .left_out = std::move(taken->left_out),
                  .lfs_left_out = std::move(taken->lfs_left_out)};
    outcome<changes> changed;
    commit_id commit; // that came with the pack: it is the one whose bytes we know
    if (known && !taken->tree.empty()) commit = id_of_work_commit(what, taken->tree);
    if (!commit.empty()) changed = co_await changes_between(at, what.base, commit);
    if (!changed) commit.clear();
    if (commit.empty() && !taken->tree.empty()) changed = co_await changes_between(at, what.base, taken->tree);
    if (!changed && co_await has(what.base) == false)
        co_return std::unexpected(failure{
            error_kind::other,
            told<"The base of the work is not in the mirror any more.", "Основы этой работы больше нет в зеркале.">()});
    if (!changed) co_return std::unexpected(changed.error());
    if (!changed->paths.empty()) {
        if (changed->adds_submodule)
            co_return std::unexpected(failure{error_kind::bad_object,
                                              told<"The work adds or moves a submodule; that cannot be "
                                                   "taken over.",
                                                   "Работа добавляет или переносит подмодуль; принять это нельзя.">()});
        auto unsafe =
            co_await find_unsafe_paths(at, what.base, taken->tree, *changed, known && read_here ? &*known : nullptr);
        if (!unsafe) co_return std::unexpected(unsafe.error());
        made.stat = changed->stat;
        made.paths = std::move(changed->paths);
        made.links_out = std::move(unsafe->links_out);
        made.collides = std::move(unsafe->collides);
        if (commit.empty() || !what.who.signing_key.empty()) { // no key is used where the agent's tree is read
            auto written = co_await make_work_commit(at, what, taken->tree);
            if (!written) co_return std::unexpected(written.error());
            commit = *written;
        }
        made.commit = commit;
    }
    auto kept = co_await write_ref(at, what.keep_as, made.commit);
    if (!kept) co_return std::unexpected(kept.error());
    co_return made;
}

} // namespace persais::git
