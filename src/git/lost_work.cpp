#include "git/lost_work.hpp"

#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/refs.hpp"
#include "git/whole_objects.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

using names_by_id = std::map<std::string, std::vector<std::string>>;

/// A file that was renamed to its place may be empty after a power cut, or hold zeros. git does not list such a ref and
/// fails at it later; without a HEAD it finds no repository, and with zeros among the packed refs it reads none.
/// Whether there were any.
bool remove_cut_refs(const fs::path& git_dir) {
    std::vector<fs::path> cut;
    std::error_code ec;
    each_file_below(git_dir / "refs", [&](const fs::path& file) {
        auto line = content_of(file, ec);
        bool whole = is_id(first_word(line)) || line.starts_with("ref: ");
        if (!ec && !whole && file.extension() != ".lock") cut.push_back(file);
    });
    if (content_of(git_dir / "packed-refs").contains('\0')) cut.push_back(git_dir / "packed-refs");
    for (const auto& file : cut)
        fs::remove(file);
    auto head = content_of(git_dir / "HEAD", ec);
    bool headless = (!ec && !head.starts_with("ref: refs/") && !is_id(first_word(head))) ||
                    ec == std::errc::no_such_file_or_directory;
    if (headless) write_file(git_dir / "HEAD", "ref: refs/persais/none\n", 0644); // the refresh names the right one
    return headless || !cut.empty();
}

awaitable<outcome<names_by_id>> all_refs(layout at) {
    auto listed = co_await at.run(at.on_mirror({"for-each-ref", "--format=%(objectname) %(refname)"}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Looking at the refs"));
    names_by_id all;
    for (auto line : pieces(listed.output, '\n'))
        if (auto id = first_word(line); is_id(id) && line.size() > id.size())
            all[id].emplace_back(line.substr(id.size() + 1));
    co_return all;
}

/// The ids of these that are not there.
awaitable<outcome<std::set<std::string>>> not_there(layout at, const names_by_id& refs) {
    auto ask = at.on_mirror({"cat-file", "--batch-check=%(objectname) %(objecttype)"});
    for (const auto& [id, names] : refs)
        ask.input += id + "\n";
    auto told = co_await at.run(std::move(ask));
    if (!told.ok() || read_what(told) == reading::unknown)
        co_return std::unexpected(explain_local(told, "Looking at what the refs name"));
    std::set<std::string> missing;
    for (auto line : pieces(told.output, '\n'))
        if (line.ends_with(" missing")) missing.insert(first_word(line));
    co_return missing;
}

/// Whether the walk from `ids`, one a line with ^ before those where it ends, finds everything. `how`: --objects, or
/// --verify-objects, which reads the contents as well.
awaitable<outcome<bool>> walks(layout at, std::string how, std::string ids) {
    auto walk = at.on_mirror({"rev-list", std::move(how), "--quiet", "--stdin"});
    walk.input = std::move(ids);
    walk.settings = {"core.commitGraph=false"}; // in which git finds a commit that is gone
    walk.total = limits::git_network;
    auto walked = co_await at.run(std::move(walk));
    auto found = read_what(walked);
    if (found == reading::unknown) co_return std::unexpected(explain_local(walked, "Looking at the work"));
    co_return found == reading::whole;
}

enum class looking { quickly, thoroughly };

/// The refs that name what is not whole. Of the remote's, whose objects waited for the disk, or were ours before, that
/// is looked at alone which they name, unless it is done thoroughly; our work is read down to them.
awaitable<outcome<std::vector<std::string>>> lost_refs(layout at, looking how) {
    auto refs = co_await all_refs(at);
    if (!refs) co_return std::unexpected(refs.error());
    auto lost = co_await not_there(at, *refs);
    if (!lost) co_return std::unexpected(lost.error());
    std::vector<std::string> theirs, ours;
    for (const auto& [id, names] : *refs)
        if (!lost->contains(id)) (std::ranges::all_of(names, is_ours) ? ours : theirs).push_back(id);
    if (how == looking::thoroughly && !theirs.empty()) {
        auto whole = co_await walks(at, "--objects", fmt::format("{}\n", fmt::join(theirs, "\n")));
        if (!whole) co_return std::unexpected(whole.error());
        if (!*whole) std::ranges::move(std::exchange(theirs, {}), std::inserter(*lost, lost->end())); // fetched again
    }
    std::string known, work;
    for (const auto& id : theirs)
        known += "^" + id + "\n";
    for (const auto& id : ours)
        work += id + "\n";
    auto all_whole = co_await walks(at, "--verify-objects", work + known);
    if (!all_whole) co_return std::unexpected(all_whole.error());
    for (const auto& id : *all_whole ? std::vector<std::string>{} : ours) {
        auto whole = co_await walks(at, "--verify-objects", id + "\n" + known);
        if (!whole) co_return std::unexpected(whole.error());
        if (!*whole) lost->insert(id);
    }
    std::vector<std::string> names;
    for (const auto& id : *lost)
        std::ranges::copy(refs->at(id), std::back_inserter(names));
    co_return names;
}

/// While nobody uses the mirror, puts away what is broken, and forgets the refs whose work is not whole without that.
awaitable<outcome<void>> forget_lost(layout at) {
    auto alone = co_await lock(at.used(), sharing::alone, limits::git_network);
    if (!alone) co_return std::unexpected(failure{error_kind::other, alone.error()});
    if (auto away = co_await put_away_broken_objects(at); !away) co_return away;
    auto lost = co_await lost_refs(at, looking::thoroughly);
    if (!lost) co_return std::unexpected(lost.error());
    if (lost->empty()) co_return outcome<void>{};
    auto drop = at.on_mirror({"update-ref", "--stdin"});
    for (const auto& name : *lost) {
        spdlog::warn("{} in {} is lost: not all of what it names is on the disk", name, at.git().string());
        drop.input += fmt::format("delete {}\n", name);
    }
    if (auto done = co_await at.run(std::move(drop)); !done.ok())
        co_return std::unexpected(explain_local(done, "Forgetting lost work"));
    co_return outcome<void>{};
}

awaitable<outcome<bool>> is_whole(layout at) {
    if (remove_cut_refs(at.git())) co_return false;
    auto lost = co_await lost_refs(at, looking::quickly);
    if (!lost) co_return std::unexpected(lost.error());
    if (!lost->empty()) co_return false;
    co_return co_await newest_are_whole(at);
}

} // namespace

awaitable<outcome<void>> drop_lost_work(layout at, std::string boot) {
    auto known = at.folder / "boot";
    if (content_of(known) == boot) co_return outcome<void>{};
    if (fs::exists(at.git())) {
        auto whole = co_await is_whole(at);
        if (!whole) co_return std::unexpected(whole.error());
        if (!*whole)
            if (auto forgotten = co_await forget_lost(at); !forgotten) co_return forgotten;
    }
    write_file(known, boot, 0600);
    co_return outcome<void>{};
}

awaitable<outcome<void>> drop_what_lost_objects(layout at) {
    auto lost = co_await lost_refs(at, looking::thoroughly);
    if (!lost) co_return std::unexpected(lost.error());
    if (lost->empty()) co_return outcome<void>{};
    co_return co_await forget_lost(std::move(at));
}

} // namespace persais::git
