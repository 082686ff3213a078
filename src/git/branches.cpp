#include "git/branches.hpp"

#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"
#include "git/refs.hpp"

#include <fmt/format.h>

namespace persais::git {

awaitable<outcome<std::map<std::string, commit_id>>> branches_of(remote where) {
    auto at = read_reachable(where);
    if (!at) co_return std::unexpected(at.error());
    temp_dir folder;
    layout asking{folder.path()};
    asking.prepare();
    auto seen = co_await read_remote(asking, *at, where);
    if (!seen) co_return std::unexpected(seen.error());
    co_return std::move(seen->branches);
}

awaitable<outcome<void>> delete_branch(remote where, std::string branch, commit_id commit) {
    auto to = read_reachable(where);
    if (!to) co_return std::unexpected(to.error());
    temp_dir folder;
    layout at{folder.path()};
    at.prepare();
    auto made = co_await at.run(
        {.arguments = {"init", "--quiet", "--bare", "--template=", object_format(commit), "--", at.git().string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Making a repository"));
    std::vector<std::string> arguments{"push",
                                       "--porcelain",
                                       "--no-verify",
                                       "--no-follow-tags",
                                       "--no-signed",
                                       "--recurse-submodules=no",
                                       fmt::format("--force-with-lease=refs/heads/{}:{}", branch, commit)};
    if (to->local()) arguments.push_back("--receive-pack=" + far_end("receive-pack"));
    arguments.insert(arguments.end(), {"--", to->url, fmt::format(":refs/heads/{}", branch)});
    auto send = at.on_remote(*to, where, std::move(arguments));
    send.git_dir = at.git();
    send.total = limits::git_read_remote;
    auto result = co_await at.run(std::move(send));
    if (result.ok()) co_return outcome<void>{};
    auto why = co_await at.explain(std::move(result), *to, where, doing::pushing);
    // Somebody may have deleted it, or written to it, meanwhile.
    auto now = co_await read_remote(at, *to, where, branch);
    if (!now) co_return std::unexpected(now.error());
    auto found = now->branches.find(branch);
    if (found == now->branches.end()) co_return outcome<void>{};
    if (found->second != commit)
        co_return std::unexpected(
            failure{error_kind::moved, told<"The branch {} on {} holds work of somebody else; it stays.",
                                            "В ветке {} на {} чужая работа; она остаётся.">(branch, to->shown)});
    co_return std::unexpected(std::move(why));
}

} // namespace persais::git
