#include "base/told.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/first_clone.hpp"
#include "git/leftovers.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/lost_work.hpp"
#include "git/refs.hpp"
#include "git/tending.hpp"

#include <fstream>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

/// Tags that the mirror does not take, because what they name fails git's checks: "NAME ID" on each line.
std::set<std::string> left_out(const layout& at) {
    std::set<std::string> lines;
    std::ifstream in(at.folder / "tags-left-out");
    for (std::string line; std::getline(in, line);)
        lines.insert(line);
    return lines;
}

/// Makes the mirror's tags those of the remote. A tag whose objects fail git's checks is left out and costs nothing but
/// itself: whoever may push a tag could else keep everybody from working. It is found by halving, in a bounded number
/// of fetches; the rest is looked at the next time.
awaitable<outcome<void>> fetch_tags(layout at, address from, remote where, std::map<std::string, std::string> there,
                                    std::function<void(std::string_view)> progress) {
    auto here = read_mirror(at).tags.value_or(std::map<std::string, std::string>{});
    if (here == there) co_return outcome<void>{};
    auto drop = at.on_mirror({"update-ref", "--stdin"});
    for (const auto& [name, id] : here)
        if (!there.contains(name)) drop.input += "delete refs/tags/" + name + "\n";
    if (!drop.input.empty())
        if (auto dropped = co_await at.run(std::move(drop)); !dropped.ok())
            co_return std::unexpected(explain_local(dropped, "Forgetting tags"));
    auto known = left_out(at);
    std::set<std::string> out;
    std::vector<std::string> wanted;
    for (const auto& [name, id] : there) {
        if (auto old = here.find(name); old != here.end() && old->second == id) continue;
        auto line = name + " " + id;
        if (known.contains(line))
            out.insert(line);
        else
            wanted.push_back(name);
    }
    std::vector<std::vector<std::string>> groups;
    if (!wanted.empty()) groups.push_back(std::move(wanted));
    for (int fetches = 0; !groups.empty() && fetches < limits::tag_fetches; ++fetches) {
        auto group = std::move(groups.back());
        groups.pop_back();
        std::string refspecs;
        for (const auto& name : group)
            refspecs += fmt::format("+refs/tags/{0}:refs/tags/{0}\n", name);
        auto fetched = co_await fetch_refs(at, at.git(), from, where, std::move(refspecs), progress);
        if (fetched) continue;
        if (fetched.error().kind != error_kind::bad_object) co_return fetched;
        if (group.size() == 1) {
            out.insert(group.front() + " " + there[group.front()]);
            continue;
        }
        auto half = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
        groups.emplace_back(half, group.end());
        groups.emplace_back(group.begin(), half);
    }
    if (out != known) {
        std::string lines;
        for (const auto& line : out)
            lines += line + "\n";
        write_file(at.folder / "tags-left-out", lines, 0600);
        if (progress && !out.empty())
            progress(fmt::format("left out {} of the remote's tags, whose objects fail git's checks", out.size()));
    }
    co_return outcome<void>{};
}

std::string some_of(const std::map<std::string, commit_id>& branches) {
    std::string list;
    int count = 0;
    for (const auto& [name, commit] : branches) {
        if (count++ == 8) return list + ", …";
        list += (list.empty() ? "" : ", ") + name;
    }
    return list;
}

failure no_such_branch(const address& at, const std::string& wanted, const std::map<std::string, commit_id>& branches) {
    return {error_kind::not_found, told<"{} has no branch {}; it has {}.", "На {} нет ветки {}; есть {}.">(
                                       at.shown, wanted, some_of(branches))};
}

} // namespace

mirror::mirror(fs::path root, remote where) : folder_(std::move(root) / folder_name(where)), where_(std::move(where)) {
    folder_ = fs::absolute(folder_);
}

awaitable<outcome<void>> mirror::refresh(std::function<void(std::string_view)> progress,
                                         std::optional<std::string> branch, std::chrono::milliseconds patience) {
    auto from = read_reachable(where_);
    if (!from) co_return std::unexpected(from.error());
    layout at{folder_};
    at.prepare();
    auto turn = co_await lock(at.refreshing(), sharing::alone, limits::git_network);
    if (!turn) co_return std::unexpected(failure{error_kind::other, turn.error()});
    co_await sweep(at);
    if (auto looked = co_await drop_lost_work(at, boot_id()); !looked)
        spdlog::warn("{} may have lost work: {}", at.folder.string(), looked.error().sentence);
    auto seen = co_await read_remote(at, *from, where_);
    if (!seen) co_return std::unexpected(seen.error());
    if (seen->branches.empty())
        co_return std::unexpected(
            failure{error_kind::empty_repository,
                    told<"{} is empty: push a first commit to it, then retry.",
                         "{} пуст: отправьте туда первый коммит, затем повторите.">(from->shown)});

    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    if (!branch || !seen->branches.contains(*branch)) branch = seen->head;
    outcome<void> fetched;
    if (!fs::exists(at.git()))
        fetched = co_await first_clone(at, *from, where_, *seen, branch, patience, progress);
    else if (is_partial())
        fetched = co_await follow_partly(at, *from, where_, *seen, branch, progress);
    else if (read_mirror(at).branches != seen->branches)
        fetched = co_await fetch_refs(at, at.git(), *from, where_, all_branches, progress);
    if (fetched && seen->tags && !is_partial())
        fetched = co_await fetch_tags(at, *from, where_, *seen->tags, std::move(progress));
    if (!fetched) co_return fetched;
    // A file for each ref made each look at the refs of a mirror with 20,000 tags take 0.4 s.
    if (read_mirror(at).loose > limits::loose_refs) co_await at.run(at.on_mirror({"pack-refs", "--all"}));
    auto head = seen->head ? "refs/heads/" + *seen->head : std::string("refs/persais/none");
    if (auto set = co_await write_head(at, head); !set) co_return set;
    if (packs_of(at) > limits::mirror_packs) // where no service tends it
        if (auto tending = co_await lock(at.tending(), sharing::alone, {})) co_await join_packs(at);
    co_return outcome<void>{};
}

awaitable<outcome<std::string>> mirror::base_branch(std::optional<std::string> wanted) {
    layout at{folder_};
    auto from = read_address(where_);
    if (!from) co_return std::unexpected(from.error());
    auto refs = read_mirror(at);
    const auto& branches = refs.branches;
    if (wanted) {
        if (branches.contains(*wanted)) co_return *wanted;
        co_return std::unexpected(no_such_branch(*from, *wanted, branches));
    }
    if (refs.head && branches.contains(*refs.head)) co_return *refs.head;
    co_return std::unexpected(failure{
        error_kind::no_head, told<"The HEAD of {} names no branch, so the base is unknown: give it with --base or "
                                  "GIT_BASE_BRANCH. It has {}.",
                                  "HEAD на {} не называет ветку, поэтому основа неизвестна: задайте её в --base или "
                                  "GIT_BASE_BRANCH. Есть {}.">(from->shown, some_of(branches))});
}

awaitable<std::string> mirror::free_branch(std::string task, std::string instruction) {
    auto branches = read_mirror(layout{folder_}).branches;
    auto name = branch_name(task, instruction);
    if (auto slash = name.find('/'); branches.contains(name.substr(0, slash))) name[slash] = '-';
    auto taken = [&](const std::string& wanted) {
        auto below = branches.lower_bound(wanted + "/");
        return branches.contains(wanted) || (below != branches.end() && below->first.starts_with(wanted + "/"));
    };
    auto free = name;
    for (int n = 2; taken(free); ++n)
        free = fmt::format("{}-{}", name, n);
    co_return free;
}

awaitable<outcome<commit_id>> mirror::commit_of(std::string branch) {
    auto branches = read_mirror(layout{folder_}).branches;
    if (auto found = branches.find(branch); found != branches.end()) co_return found->second;
    auto from = read_address(where_);
    if (!from) co_return std::unexpected(from.error());
    co_return std::unexpected(no_such_branch(*from, branch, branches));
}

awaitable<void> mirror::forget(std::string ref_prefix) {
    if (!ref_prefix.starts_with("refs/persais/")) throw std::invalid_argument("not a ref of a task: " + ref_prefix);
    layout at{folder_};
    if (!fs::exists(at.git())) co_return;
    co_await forget_refs(at, std::move(ref_prefix));
}

} // namespace persais::git
