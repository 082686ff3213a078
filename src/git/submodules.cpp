#include "git/submodules.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "git/address.hpp"
#include "git/asked_for.hpp"
#include "git/explain.hpp"
#include "git/fetch_local.hpp"
#include "git/files.hpp"
#include "git/lock.hpp"
#include "git/scp_form.hpp"
#include "git/tree.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

/// The part of an address that may not be left: "https://host:port", "user@host"; empty for a path.
std::size_t host_part(std::string_view address) {
    if (auto url = cut_url(address)) return url->scheme.size() + 3 + url->authority.size();
    if (auto scp = cut_scp_form(address)) return scp->path.data() - address.data() - 1;
    return 0;
}

/// A name becomes a folder below .git/modules.
bool usable_name(std::string_view name) {
    if (name.empty() || name.starts_with('/') || name.ends_with('/')) return false;
    return std::ranges::none_of(pieces(name, '/'),
                                [](auto part) { return part.empty() || part == "." || part == ".."; });
}

/// Whether a folder of the tree really is one, and is empty: the work of a turn before may have put something else
/// there.
bool free_folder(const fs::path& tree, const std::string& path) {
    auto at = tree;
    std::error_code ec;
    for (const auto& part : fs::path(path)) {
        at /= part;
        if (!fs::is_directory(fs::symlink_status(at, ec))) return false;
    }
    return fs::is_empty(at, ec) && !ec;
}

struct named {
    std::string name, path, url, update;
};

/// The repository of each has a folder of its own, as in git, which refuses to put one into another's.
outcome<void> names_apart(const std::vector<submodule>& all) {
    std::vector<std::pair<std::string, const submodule*>> folders;
    for (const auto& one : all)
        if (!one.name.empty()) folders.emplace_back(one.name + "/", &one);
    std::ranges::sort(folders); // what is inside a folder comes right behind it
    auto inside = std::ranges::adjacent_find(
        folders, [](const auto& outer, const auto& inner) { return inner.first.starts_with(outer.first); });
    if (inside == folders.end()) return {};
    const auto &outer = *inside->second, &inner = *std::next(inside)->second;
    return std::unexpected(
        failure{error_kind::bad_object,
                told<"The submodule `{}` is named `{}` in .gitmodules, which is a folder "
                     "inside that of `{}`, named `{}`; rename one of them there.",
                     "Подмодуль `{}` назван в .gitmodules `{}`, а это папка внутри папки подмодуля `{}`, названного "
                     "`{}`; переименуйте там один из них.">(text::printable(inner.path), text::printable(inner.name),
                                                            text::printable(outer.path), text::printable(outer.name))});
}

} // namespace

outcome<std::string> submodule_address(std::string_view repository, std::string_view written) {
    if (!written.starts_with("./") && !written.starts_with("../")) return std::string(written);
    std::string at(repository);
    auto host = host_part(repository);
    while (at.size() > host && at.ends_with('/'))
        at.pop_back();
    auto rest = written;
    char joined = '/';
    for (;;) {
        if (rest.starts_with("./")) {
            rest.remove_prefix(2);
            continue;
        }
        if (!rest.starts_with("../")) break;
        rest.remove_prefix(3);
        auto cut = at.find_last_of("/:");
        if (cut == std::string::npos || cut < host || at.size() <= host)
            return std::unexpected(
                failure{error_kind::refused_url,
                        told<"Its address {} leads out of the host of the repository.",
                             "Его адрес {} ведёт за пределы хоста репозитория.">(text::printable(written))});
        joined = at[cut];
        at.resize(cut);
    }
    while (rest.ends_with('/'))
        rest.remove_suffix(1);
    return fmt::format("{}{}{}", at, joined, rest);
}

outcome<std::vector<submodule>> read_submodules(std::string_view tree, std::string_view settings) {
    std::map<std::string, named, std::less<>> by_name;
    for (auto entry : pieces(settings, '\0')) {
        auto end = entry.find('\n'); // of the key; a key alone has no value
        auto key = entry.substr(0, end);
        auto value = end == entry.npos ? std::string_view() : entry.substr(end + 1);
        auto dot = key.rfind('.');
        constexpr std::string_view section = "submodule.";
        if (!key.starts_with(section) || dot < section.size()) continue;
        auto name = key.substr(section.size(), dot - section.size());
        auto& one = by_name[std::string(name)];
        one.name = name;
        auto what = key.substr(dot + 1);
        if (what == "path") one.path = value;
        if (what == "url") one.url = value;
        if (what == "update") one.update = value;
    }
    std::map<std::string_view, const named*> by_path; // both lists may be long, and are a stranger's
    for (const auto& [name, one] : by_name)
        by_path.try_emplace(one.path, &one);
    std::vector<submodule> found;
    for (auto entry : pieces(tree, '\0')) {
        // "160000 commit <id>\t<path>"
        auto tab = entry.find('\t');
        if (!entry.starts_with("160000 ") || tab == entry.npos) continue;
        auto space = entry.rfind(' ', tab);
        submodule one{.path = std::string(entry.substr(tab + 1)),
                      .commit = std::string(entry.substr(space + 1, tab - space - 1))};
        if (auto with = by_path.find(one.path); with != by_path.end()) {
            if (with->second->update == "none") continue;
            if (!usable_name(with->second->name))
                return std::unexpected(
                    failure{error_kind::bad_object,
                            told<"The submodule `{}` has a name in .gitmodules that is no "
                                 "folder's; change it there.",
                                 "Имя подмодуля `{}` в .gitmodules не годится для папки; измените его там.">(
                                text::printable(one.path))});
            one.name = with->second->name;
            one.written = with->second->url;
        }
        found.push_back(std::move(one));
    }
    if (auto apart = names_apart(found); !apart) return std::unexpected(apart.error());
    return found;
}

awaitable<outcome<std::vector<submodule>>> mirror::submodules(commit_id commit) {
    layout at{folder_};
    auto tree = co_await at.run(at.on_mirror({"ls-tree", "-r", "-z", commit}));
    if (!tree.ok()) co_return std::unexpected(explain_local(tree, "Listing the submodules"));
    if (tree.output_cut)
        co_return std::unexpected(
            failure{error_kind::too_large, told<"The repository has too many files to look for its submodules.",
                                                "В репозитории слишком много файлов, чтобы искать подмодули.">()});
    if (tree.output.find("160000 commit ") == std::string::npos) // the usual case
        co_return std::vector<submodule>{};
    auto settings = co_await at.run(at.on_mirror({"config", "--no-includes", "-z", "--blob", commit + ":.gitmodules",
                                                  "--get-regexp", "^submodule\\..*\\.(path|url|update)$"}));
    // Without the file, or without such an entry in it, no submodule has an address, and that is told for each.
    co_return read_submodules(tree.output, settings.ok() ? settings.output : "");
}

awaitable<outcome<bool>> mirror::fetch_commit(commit_id commit) {
    layout at{folder_};
    auto from = read_reachable(where_);
    if (!from) co_return std::unexpected(from.error());
    // Tasks that need the same commit take turns, as refreshing does: the later ones find it here.
    auto turn = co_await lock(at.refreshing(), sharing::alone, limits::git_network);
    if (!turn) co_return std::unexpected(failure{error_kind::other, turn.error()});
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    // Only what the remote gave counts: the mirror has the work of tasks as well, which nobody has published.
    for (auto given : {std::string_view("refs/heads"), std::string_view("refs/tags"), asked_for_refs}) {
        auto holds = co_await at.run(at.on_mirror(
            {"for-each-ref", "--count=1", "--format=%(refname)", "--contains=" + commit, "--", std::string(given)}));
        if (holds.ok() && !holds.output.empty()) co_return true;
    }
    // git asks no remote for a commit that is there already, so the remote's answer for such a one is had elsewhere.
    auto looked = co_await has(commit);
    if (!looked) co_return std::unexpected(looked.error());
    bool here = *looked;
    auto into = here ? at.incoming() / commit : at.git();
    if (here) {
        co_await remove_folder(into);
        auto made = co_await at.run(
            {.arguments = {"init", "--quiet", "--bare", "--template=", object_format(commit), "--", into.string()}});
        if (!made.ok()) co_return std::unexpected(explain_local(made, told<"Asking for a commit", "Запрос коммита">()));
    }
    auto ref = std::string(asked_for_refs) + commit;
    std::vector<std::string> flags{"--quiet"};
    if (here) flags.emplace_back("--depth=1");
    auto fetch = at.fetch(*from, where_, into, std::move(flags), {fmt::format("+{}:{}", commit, ref)});
    auto fetched = co_await at.run(std::move(fetch));
    if (here) co_await remove_folder(into);
    if (fetched.ok() && here) {
        auto noted = co_await at.run(at.on_mirror({"update-ref", "--no-deref", ref, commit}));
        if (!noted.ok())
            co_return std::unexpected(explain_local(noted, told<"Asking for a commit", "Запрос коммита">()));
    }
    if (fetched.ok()) co_return true;
    if (said(fetched.error).any({"not our ref"})) co_return false;
    co_return std::unexpected(co_await at.explain(std::move(fetched), *from, where_, doing::reading));
}

awaitable<outcome<bool>> mirror::place_submodule(fs::path tree, fs::path git_dir, submodule what, std::string url) {
    layout at{folder_};
    auto folder = tree / what.path;
    if (!free_folder(tree, what.path)) co_return false;
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    auto modules = git_dir / "modules" / what.name;
    fs::create_directories(modules.parent_path());
    auto made = co_await at.run({.arguments = {"init", "--quiet", "--template=", object_format(what.commit),
                                               "--separate-git-dir=" + modules.string(), "--", folder.string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Making a submodule"));
    // Relative, because the tree is copied and is seen at another path inside the sandbox.
    write_file(folder / ".git", fmt::format("gitdir: {}\n", modules.lexically_relative(folder).string()), 0644);
    auto set = [&](fs::path config, std::string name, std::string value) {
        return at.run({.arguments = {"config", "--file", config.string(), std::move(name), std::move(value)}});
    };
    auto placed = co_await set(modules / "config", "core.worktree", folder.lexically_relative(modules).string());
    if (placed.ok()) placed = co_await set(git_dir / "config", fmt::format("submodule.{}.active", what.name), "true");
    if (placed.ok()) placed = co_await set(git_dir / "config", fmt::format("submodule.{}.url", what.name), url);
    if (!placed.ok())
        co_return std::unexpected(explain_local(placed, told<"Setting up a submodule", "Подготовка подмодуля">()));
    auto fetched = co_await fetch_objects(at, modules, {what.commit}, 1);
    if (!fetched) co_return std::unexpected(fetched.error());
    auto checked_out = co_await at.run({.arguments = {"checkout", "--quiet", "--force", "--detach", what.commit},
                                        .git_dir = modules,
                                        .work_tree = folder,
                                        .settings = {"core.logAllRefUpdates=false", "checkout.workers=0"}});
    if (!checked_out.ok())
        co_return std::unexpected(explain_local(checked_out, told<"Checking out a submodule", "Выгрузка подмодуля">()));
    write_tree_settings(modules);
    co_return true;
}

} // namespace persais::git
