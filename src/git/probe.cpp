#include "git/probe.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"
#include "git/refs.hpp"
#include "git/scp_form.hpp"

#include <random>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {

namespace {

namespace fs = std::filesystem;

/// A name that no branch has, so that no real ref would be touched even if a server executed the rehearsal.
std::string a_name() {
    std::random_device luck;
    return fmt::format("refs/heads/persais-doctor-{:08x}{:08x}", luck(), luck());
}

outcome<void> may_write(const address& to) {
    std::error_code ec;
    fs::path top(to.url);
    auto git_dir = fs::is_directory(top / ".git", ec) ? top / ".git" : top;
    for (const auto* part : {"objects", "refs/heads"})
        if (::access((git_dir / part).c_str(), W_OK | X_OK) != 0)
            return std::unexpected(failure{
                error_kind::no_push, told<"This user may not write to {}.", "Этому пользователю нельзя писать в {}.">(
                                         (git_dir / part).string())});
    return {};
}

} // namespace

bool on_this_disk(const remote& where) {
    if (auto at = read_address(where)) return at->local();
    // A path that does not exist is an error, but it is still a path.
    auto url = cut_url(where.url);
    return url ? lower_case(url->scheme) == "file" : !cut_scp_form(where.url);
}

awaitable<outcome<remote_look>> look_at(fs::path folder, remote where) {
    auto from = read_reachable(where);
    if (!from) co_return std::unexpected(from.error());
    layout at{std::move(folder)};
    at.prepare();
    auto seen = co_await read_remote(at, *from, where);
    if (!seen) co_return std::unexpected(seen.error());
    remote_look look{.shown = from->shown, .head = seen->head, .branches = {}, .local = from->local()};
    for (const auto& [name, at_commit] : seen->branches)
        look.branches.insert(name);
    co_return look;
}

awaitable<outcome<void>> rehearse_push(fs::path folder, remote where) {
    auto to = read_reachable(where);
    if (!to) co_return std::unexpected(to.error());
    if (to->local())
        if (auto may = may_write(*to); !may) co_return may;
    layout at{std::move(folder)};
    at.prepare();
    auto seen = co_await read_remote(at, *to, where);
    if (!seen) co_return std::unexpected(seen.error());
    auto format = object_format(seen->branches.empty() ? "" : seen->branches.begin()->second);
    auto made =
        co_await at.run({.arguments = {"init", "--quiet", "--bare", "--template=", format, "--", at.git().string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Making a repository"));
    auto tree = at.on_mirror({"mktree"});
    auto empty = co_await at.run(std::move(tree));
    auto commit = at.on_mirror({"commit-tree", "-m", "A rehearsal", first_word(empty.output)});
    commit.environment = {"GIT_AUTHOR_NAME=Persais", "GIT_AUTHOR_EMAIL=doctor@localhost", "GIT_COMMITTER_NAME=Persais",
                          "GIT_COMMITTER_EMAIL=doctor@localhost"};
    auto written = co_await at.run(std::move(commit));
    if (!written.ok()) co_return std::unexpected(explain_local(written, "Making a commit"));

    std::vector<std::string> arguments{"push",
                                       "--dry-run",
                                       "--porcelain",
                                       "--no-verify",
                                       "--no-follow-tags",
                                       "--no-signed",
                                       "--recurse-submodules=no"};
    if (to->local()) arguments.push_back("--receive-pack=" + far_end("receive-pack"));
    arguments.insert(arguments.end(), {"--", to->url, first_word(written.output) + ":" + a_name()});
    auto send = at.on_remote(*to, where, std::move(arguments));
    send.git_dir = at.git();
    send.total = limits::git_read_remote;
    auto result = co_await at.run(std::move(send));
    if (!result.ok())
        co_return std::unexpected(
            co_await at.explain(std::move(result), std::move(*to), std::move(where), doing::pushing));
    co_return outcome<void>{};
}

} // namespace persais::git
