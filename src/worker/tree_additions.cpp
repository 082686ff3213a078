#include "worker/tree_additions.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "git/submodules.hpp"
#include "service/further_remotes.hpp"
#include "worker/limits.hpp"

#include <fmt/format.h>

namespace persais::worker {

namespace fs = std::filesystem;

namespace {

git::failure of_submodule(const fs::path& path, git::failure why) {
    why.sentence = told<"The submodule `{}` could not be fetched. {}", "Подмодуль `{}` не удалось загрузить. {}">(
        text::printable(path.string()), why.sentence);
    return why;
}

git::failure refused(std::string sentence) {
    return {git::error_kind::refused_url, std::move(sentence)};
}

/// A submodule's own mirror, with the commit in it.
awaitable<git::outcome<git::mirror>> fetch(const dependencies& with, git::remote where, git::commit_id commit) {
    git::mirror mirror(with.mirrors, where);
    // The remote is asked each time: that an earlier task could read it is no right of this one.
    if (auto fresh = co_await mirror.refresh(); !fresh) co_return std::unexpected(fresh.error());
    auto there = co_await mirror.fetch_commit(commit);
    if (!there) co_return std::unexpected(there.error());
    if (!*there)
        co_return std::unexpected(git::failure{
            git::error_kind::not_found,
            told<"{} does not have its commit {}: push that commit there, or let the submodule name another one.",
                 "На {} нет его коммита {}: отправьте его туда или пусть подмодуль назовёт другой.">(
                text::printable(where.url), commit.substr(0, 12))});
    co_return mirror;
}

} // namespace

awaitable<git::outcome<void>> tree_additions::fetch_submodules(const dependencies& with, git::mirror of,
                                                               std::string repository, git::commit_id commit,
                                                               std::function<void(const std::string&)> tell) {
    struct level {
        git::mirror in;
        std::string url;
        git::commit_id commit;
        fs::path path, git_dir;
        std::size_t index;
        int depth;
    };
    submodules_.clear();
    std::vector<level> open{{of, repository, commit, {}, {}, none, 0}};
    while (!open.empty()) {
        auto at = std::move(open.back());
        open.pop_back();
        auto inside = co_await at.in.submodules(at.commit);
        if (!inside) co_return std::unexpected(inside.error());
        for (auto& one : *inside) {
            auto path = at.path / one.path;
            if (at.depth == limits::submodule_depth || submodules_.size() == limits::submodules)
                co_return std::unexpected(of_submodule(
                    path, refused(told<"At most {} are fetched, {} deep.", "Загружается не больше {}, глубиной до {}.">(
                              limits::submodules, limits::submodule_depth))));
            if (one.written.empty())
                co_return std::unexpected(of_submodule(
                    path, refused(told<"It has no address in .gitmodules.", "У него нет адреса в .gitmodules.">())));
            auto url = git::submodule_address(at.url, one.written);
            if (!url) co_return std::unexpected(of_submodule(path, url.error()));
            auto where = service::further_remote(*url, repository, with.settings, with.tokens);
            if (!where) co_return std::unexpected(of_submodule(path, where.error()));
            tell(where->url);
            auto mirror = co_await fetch(with, *where, one.commit);
            if (!mirror) co_return std::unexpected(of_submodule(path, mirror.error()));
            open.push_back({*mirror, where->url, one.commit, path, at.git_dir / "modules" / one.name,
                            submodules_.size(), at.depth + 1});
            submodules_.push_back({*mirror, std::move(one), where->url, at.path, at.git_dir, at.index, at.depth});
        }
    }
    co_return git::outcome<void>{};
}

awaitable<git::outcome<void>> tree_additions::find_lfs(const dependencies& with, git::mirror of, std::string repository,
                                                       git::commit_id commit) {
    lfs_.reset();
    auto named = co_await of.lfs_url(commit);
    if (!named) co_return std::unexpected(named.error());
    auto where = *named ? service::further_remote(**named, repository, with.settings, with.tokens)
                        : service::lfs_remote(repository, with.settings, with.tokens);
    if (!where) {
        auto why = where.error();
        why.sentence = "The LFS files could not be fetched. " + why.sentence;
        co_return std::unexpected(why);
    }
    lfs_ = {std::move(of), std::move(*where)};
    co_return git::outcome<void>{};
}

std::string tree_additions::described() const {
    std::string all;
    for (const auto& one : submodules_)
        all += fmt::format("submodule {} {} {} {}\n", (one.path / one.what.path).string(), one.what.name,
                           one.what.commit, one.url);
    if (lfs_) all += fmt::format("lfs {}\n", lfs_->at.url);
    return all;
}

awaitable<git::outcome<void>> tree_additions::place(fs::path tree) const {
    std::vector<bool> placed(submodules_.size());
    for (std::size_t i = 0; i < submodules_.size(); ++i) {
        const auto& one = submodules_[i];
        if (one.parent != none && !placed[one.parent]) continue;
        auto mirror = one.from;
        auto done = co_await mirror.place_submodule(tree / one.path, tree / ".git" / one.git_dir, one.what, one.url);
        if (!done) co_return std::unexpected(of_submodule(one.path / one.what.path, done.error()));
        placed[i] = *done;
    }
    if (!lfs_) co_return git::outcome<void>{};
    auto mirror = lfs_->of;
    co_return co_await mirror.place_lfs(std::move(tree), lfs_->at);
}

} // namespace persais::worker
