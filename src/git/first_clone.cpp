#include "git/first_clone.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/lost_work.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

/// Only git's progress may be shown to a person, because the other lines contain the names of other people's branches.
std::function<void(std::string_view)> how_far(std::function<void(std::string_view)> tell) {
    if (!tell) return {};
    return [tell = std::move(tell)](std::string_view line) {
        for (std::string_view start : {"Receiving objects: ", "Resolving deltas: ", "remote: Enumerating objects: ",
                                       "remote: Counting objects: ", "remote: Compressing objects: "})
            if (line.starts_with(start)) return tell(line);
    };
}

/// In the bare repository, so that it comes and goes with it.
fs::path mark(const fs::path& git_dir) {
    return git_dir / "persais-partial";
}

/// A fetch with a depth is under way: after a kill, where the history ends may be wrong.
fs::path bringing(const fs::path& git_dir) {
    return git_dir / "persais-bringing";
}

std::string newest() {
    return fmt::format("--depth={}", limits::history_cut);
}

std::string refspec(std::string_view branch) {
    return fmt::format("+refs/heads/{0}:refs/heads/{0}\n", branch);
}

awaitable<outcome<void>> init(layout at, fs::path git_dir, std::string format) {
    co_await remove_folder(git_dir);
    auto made = co_await at.run(
        {.arguments = {"init", "--quiet", "--bare", "--template=", std::move(format), "--", git_dir.string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Making the mirror"));
    co_return outcome<void>{};
}

struct fetched {
    outcome<void> how;
    bool late = false; // it failed because `most` was over
};

awaitable<fetched> fetch_within(layout at, fs::path into, address from, remote where, std::string refspecs,
                                std::function<void(std::string_view)> progress, std::vector<std::string> flags = {},
                                std::chrono::milliseconds most = limits::git_network) {
    flags.insert(flags.end(), {"--prune", "--stdin", progress ? "--progress" : "--quiet"});
    auto fetch = at.fetch(from, where, std::move(into), std::move(flags), {});
    fetch.input = std::move(refspecs);
    fetch.total = most;
    fetch.on_error = by_line(how_far(std::move(progress)));
    auto result = co_await at.run(std::move(fetch));
    if (result.ok()) co_return fetched{};
    bool late = result.how == sandbox::ended::timed_out;
    auto why = co_await at.explain(std::move(result), std::move(from), std::move(where), doing::reading);
    co_return fetched{std::unexpected(std::move(why)), late};
}

/// Moves what `whole` has into the mirror. A kill at any point leaves a mirror that is partial or whole: objects first,
/// each pack's index last; then where its history ends, by `ends`, one commit a line; then the mark.
void take_over(const layout& at, const std::string& ends) {
    std::vector<fs::path> indexes;
    auto from = at.whole() / "objects/pack", to = at.git() / "objects/pack";
    for (const auto& file : fs::directory_iterator(from))
        if (file.path().extension() == ".idx")
            indexes.push_back(file.path());
        else
            fs::rename(file.path(), to / file.path().filename());
    for (const auto& file : indexes)
        fs::rename(file, to / file.filename());
    if (ends.empty()) {
        fs::remove(at.git() / "shallow");
    } else {
        write_file(at.whole() / "ends", ends, 0644);
        fs::rename(at.whole() / "ends", at.git() / "shallow");
    }
    fs::remove(mark(at.git()));
}

/// The commits of `shallow` whose parents neither the mirror has nor the repository `beside` it (empty: none is there):
/// those of a history that the remote has rewritten since, on which tasks may stand; and where a partial mirror ends.
awaitable<outcome<std::string>> ends_that_stay(layout at, fs::path beside) {
    auto lines = content_of(at.git() / "shallow");
    command read = at.on_mirror({"cat-file", "--batch"});
    read.input = lines;
    if (!beside.empty())
        read.environment.push_back("GIT_ALTERNATE_OBJECT_DIRECTORIES=" + (beside / "objects").string());
    auto commits = co_await at.run(read);
    if (!commits.ok() || commits.output_cut) co_return std::unexpected(explain_local(commits, "Reading where it ends"));
    std::map<std::string, std::vector<std::string>> parents; // by commit
    std::string commit, asked;
    for (auto line : pieces(commits.output, '\n')) {
        if (is_id(first_word(line)) && line.contains(" commit ")) commit = first_word(line);
        if (!line.starts_with("parent ") || !is_id(line.substr(7))) continue;
        parents[commit].emplace_back(line.substr(7));
        asked += std::string(line.substr(7)) + "\n";
    }
    read.arguments = {"cat-file", "--batch-check"};
    read.input = asked;
    auto there = co_await at.run(std::move(read));
    if (!there.ok() || there.output_cut) co_return std::unexpected(explain_local(there, "Reading where it ends"));
    std::set<std::string> missing;
    for (auto line : pieces(there.output, '\n'))
        if (line.ends_with(" missing")) missing.insert(first_word(line));
    std::string stay;
    if (!beside.empty()) stay = content_of(beside / "shallow"); // of a remote whose own history ends there
    for (const auto& [id, all] : parents)
        if (std::ranges::any_of(all, [&](const auto& each) { return missing.contains(each); })) stay += id + "\n";
    co_return stay;
}

/// A fetch with a depth ends the history that many commits behind the branch that it brings, also where the mirror has
/// more of it: of a base branch that has grown since. What is there is history again.
awaitable<outcome<void>> mend_ends(layout at) {
    auto ends = co_await ends_that_stay(at, {});
    if (!ends) co_return std::unexpected(ends.error());
    if (*ends != content_of(at.git() / "shallow")) {
        write_file(at.folder / "ends", *ends, 0644);
        fs::rename(at.folder / "ends", at.git() / "shallow");
    }
    fs::remove(bringing(at.git()));
    co_return outcome<void>{};
}

} // namespace

awaitable<outcome<void>> fetch_refs(layout at, fs::path into, address from, remote where, std::string refspecs,
                                    std::function<void(std::string_view)> progress) {
    co_return (co_await fetch_within(at, std::move(into), std::move(from), std::move(where), std::move(refspecs),
                                     std::move(progress)))
        .how;
}

// Each clone is made in a separate folder, which is renamed when it is complete, so that a kill leaves no incomplete
// mirror.
awaitable<outcome<void>> first_clone(layout at, address from, remote where, remote_refs there,
                                     std::optional<std::string> branch, std::chrono::milliseconds patience,
                                     std::function<void(std::string_view)> progress) {
    auto format = object_format(there.branches.begin()->second);
    if (auto made = co_await init(at, at.clone(), format); !made) co_return made;
    auto most = branch ? patience : std::chrono::milliseconds(limits::git_network);
    auto came = co_await fetch_within(at, at.clone(), from, where, all_branches, progress, {}, most);
    if (came.late && branch) {
        if (auto made = co_await init(at, at.clone(), format); !made) co_return made;
        came = co_await fetch_within(at, at.clone(), from, where, refspec(*branch), std::move(progress), {newest()});
        if (came.how) write_file(mark(at.clone()), where.url + "\n", 0600);
    }
    if (!came.how) {
        co_await remove_folder(at.clone());
        co_return came.how;
    }
    fs::rename(at.clone(), at.git());
    co_return outcome<void>{};
}

bool is_partial(const layout& at) {
    return fs::exists(mark(at.git()));
}

std::string remote_of_partial(const layout& at) {
    auto line = content_of(mark(at.git()));
    return line.substr(0, line.find('\n'));
}

awaitable<outcome<void>> follow_partly(layout at, address from, remote where, remote_refs there,
                                       std::optional<std::string> branch,
                                       std::function<void(std::string_view)> progress) {
    auto here = read_mirror(at).branches;
    auto drop = at.on_mirror({"update-ref", "--stdin"});
    std::string known, fresh;
    for (const auto& [name, id] : here)
        if (!there.branches.contains(name)) drop.input += fmt::format("delete refs/heads/{}\n", name);
    for (const auto& [name, id] : there.branches) {
        auto old = here.find(name);
        bool named = is_ours("refs/heads/" + name) || name == "mechanic"; // beside which no mechanic/… can be
        bool wanted = old != here.end() || name == branch || named;
        if (wanted && (old == here.end() || old->second != id)) (old == here.end() ? fresh : known) += refspec(name);
    }
    if (!drop.input.empty())
        if (auto dropped = co_await at.run(std::move(drop)); !dropped.ok())
            co_return std::unexpected(explain_local(dropped, "Forgetting branches"));
    if (fs::exists(bringing(at.git())))
        if (auto mended = co_await mend_ends(at); !mended) co_return mended;
    fetched came;
    if (!known.empty()) came = co_await fetch_within(at, at.git(), from, where, std::move(known), progress);
    if (!came.how || fresh.empty()) co_return came.how;
    write_file(bringing(at.git()), "", 0600);
    came = co_await fetch_within(at, at.git(), from, where, std::move(fresh), std::move(progress), {newest()});
    auto mended = co_await mend_ends(at); // whatever came of it
    co_return came.how ? mended : came.how;
}

bool mirror::is_partial() const {
    return git::is_partial(layout{folder_});
}

awaitable<outcome<bool>> mirror::complete(std::function<void(std::string_view)> progress) {
    layout at{folder_};
    if (!is_partial()) co_return false;
    auto turn = co_await lock(at.completing(), sharing::alone, {});
    if (!turn) co_return false;
    auto from = read_reachable(where_);
    if (!from) co_return std::unexpected(from.error());
    auto seen = co_await read_remote(at, *from, where_);
    if (!seen) co_return std::unexpected(seen.error());
    if (seen->branches.empty()) co_return false; // the next refresh says so
    auto came = co_await init(at, at.whole(), object_format(seen->branches.begin()->second));
    if (came)
        came = (co_await fetch_within(at, at.whole(), *from, where_, all_branches, std::move(progress), {},
                                      limits::whole_clone))
                   .how;
    if (came) {
        auto refreshing = co_await lock(at.refreshing(), sharing::alone, limits::git_network);
        if (!refreshing) co_return std::unexpected(failure{error_kind::other, refreshing.error()});
        auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
        if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
        auto ends = co_await ends_that_stay(at, at.whole());
        if (!ends) co_return std::unexpected(ends.error());
        take_over(at, *ends);
    }
    co_await remove_folder(at.whole());
    if (!came) co_return std::unexpected(came.error());
    co_return true;
}

} // namespace persais::git
