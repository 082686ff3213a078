#include "base/told.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/lock.hpp"
#include "git/refs.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace persais::git {
namespace {

failure moved(const address& to, const std::string& branch, bool gone) {
    return {error_kind::moved, gone ? told<"The branch {} on {} was deleted there; nothing was pushed.",
                                           "Ветку {} на {} там удалили; ничего не отправлено.">(branch, to.shown)
                                    : told<"The branch {} on {} holds work of somebody else; nothing was overwritten.",
                                           "В ветке {} на {} чужая работа; ничего не перезаписано.">(branch, to.shown)};
}

/// A failure that is retried, because a later attempt may succeed.
failure not_taken(const address& to, const std::string& branch) {
    return {error_kind::network, told<"{} did not take the branch {}, which nobody else changed: its disk may be full "
                                      "or failing, or another push was at work.",
                                      "{} не принимает ветку {}, которую никто другой не менял: возможно, там полон "
                                      "или сбоит диск или шла другая отправка.">(to.shown, branch)};
}

/// Writes a branch that the remote has now into the mirror, unless a fetch was there meanwhile. Nothing depends on it,
/// because the next refresh looks.
awaitable<> remember_branch(layout at, std::string branch, commit_id commit, std::optional<commit_id> before) {
    auto branches = read_mirror(at).branches;
    auto below = branches.lower_bound(branch + "/");
    if (below != branches.end() && below->first.starts_with(branch + "/"))
        co_return; // of before, and git's refs are files
    for (auto slash = branch.find('/'); slash != branch.npos; slash = branch.find('/', slash + 1))
        if (branches.contains(branch.substr(0, slash))) co_return;
    auto here = branches.find(branch);
    if (here == branches.end() ? !before : before == here->second)
        std::ignore =
            co_await write_ref(at, "refs/heads/" + branch, commit, {}); // who has the lock may write what is newer
}

} // namespace

awaitable<outcome<void>> mirror::stands_at(std::string branch, std::vector<commit_id> ours) {
    auto to = read_address(where_);
    if (!to) co_return std::unexpected(to.error());
    auto branches = read_mirror(layout{folder_}).branches;
    auto found = branches.find(branch);
    if (found != branches.end() && std::ranges::find(ours, found->second) != ours.end()) co_return outcome<void>{};
    co_return std::unexpected(moved(*to, branch, found == branches.end()));
}

awaitable<outcome<mirror::pushed>> mirror::push(std::string branch, commit_id commit,
                                                std::optional<commit_id> expected) {
    layout at{folder_};
    auto to = read_reachable(where_);
    if (!to) co_return std::unexpected(to.error());
    auto there = [&]() -> awaitable<outcome<std::optional<commit_id>>> {
        auto seen = co_await read_remote(at, *to, where_, branch);
        if (!seen) co_return std::unexpected(seen.error());
        auto found = seen->branches.find(branch);
        if (found == seen->branches.end()) co_return std::nullopt;
        co_return found->second;
    };
    std::vector<std::string> arguments{
        "push",
        "--porcelain",
        "--no-verify",
        "--no-follow-tags",
        "--no-signed",
        "--recurse-submodules=no",
        fmt::format("--force-with-lease=refs/heads/{}:{}", branch, expected.value_or(""))};
    if (to->local()) arguments.push_back("--receive-pack=" + far_end("receive-pack"));
    arguments.insert(arguments.end(), {"--", to->url, fmt::format("{}:refs/heads/{}", commit, branch)});
    auto send = at.on_remote(*to, where_, std::move(arguments));
    send.git_dir = at.git();
    auto result = co_await at.run(std::move(send));
    if (result.ok()) {
        // What we wrote is no news at the next fetch.
        co_await remember_branch(at, branch, commit, expected);
        co_return pushed{.already_there = result.output.starts_with("=\t") || result.output.contains("\n=\t")};
    }
    auto why = co_await at.explain(std::move(result), *to, where_, doing::pushing);
    if (why.kind != error_kind::moved) co_return std::unexpected(std::move(why));
    // Another worker of ours may have pushed the same commit first, or the remote could not write the ref.
    auto now = co_await there();
    if (!now) co_return std::unexpected(now.error());
    if (*now == commit) co_return pushed{.already_there = true};
    if (*now == expected) co_return std::unexpected(not_taken(*to, branch));
    co_return std::unexpected(moved(*to, branch, !*now));
}

} // namespace persais::git
