#include "git/asked_for.hpp"

#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"

#include <set>

#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

/// Those that no branch and no tag has; all of them when git cannot tell.
awaitable<std::set<std::string>> on_no_branch(layout at, std::set<std::string> commits) {
    auto walk = at.on_mirror({"rev-list", "--stdin", "--not", "--branches", "--tags"});
    for (const auto& id : commits)
        walk.input += id + "\n";
    std::set<std::string> found;
    std::string line;
    walk.on_output = [&](std::string_view piece) { // a history that was pushed over may be long
        for (char c : piece)
            if (c != '\n')
                line += c;
            else if (auto id = std::exchange(line, {}); commits.contains(id))
                found.insert(std::move(id));
    };
    walk.keep_output = 1;
    auto walked = co_await at.run(std::move(walk));
    co_return walked.ok() ? found : commits;
}

/// Whether a commit was first seen so long ago that nobody needs it. A ref has no time: one that is packed has no file.
bool is_old(const fs::path& mark, fs::file_time_type now) {
    std::error_code ec;
    auto seen = fs::last_write_time(mark, ec);
    if (!ec) return now - seen > limits::unneeded_kept;
    make_private_folder(mark.parent_path());
    write_file(mark, "", 0600);
    fs::last_write_time(mark, now);
    return false;
}

} // namespace

awaitable<> forget_asked_for(layout at, fs::file_time_type now) {
    auto use = co_await lock(at.used(), sharing::shared, {});
    if (!use) co_return; // the next time
    auto listed =
        co_await at.run(at.on_mirror({"for-each-ref", "--format=%(objectname)", "--", std::string(asked_for_refs)}));
    std::set<std::string> all;
    for (auto id : pieces(listed.output, '\n'))
        all.emplace(id);
    auto kept = all.empty() ? all : co_await on_no_branch(at, all);
    auto marks = at.folder / "asked-for";
    std::erase_if(kept, [&](const auto& id) { return is_old(marks / id, now); });
    auto drop = at.on_mirror({"update-ref", "--stdin"});
    for (const auto& id : all)
        if (!kept.contains(id)) drop.input.append("delete ").append(asked_for_refs).append(id).append("\n");
    if (!drop.input.empty()) {
        auto dropped = co_await at.run(std::move(drop));
        if (!dropped.ok())
            spdlog::warn("{}: {}", at.folder.string(), explain_local(dropped, "Forgetting commits").sentence);
        if (!dropped.ok()) co_return;
    }
    each_file_below(marks, [&](const fs::path& mark) { // last, so that a kill leaves no ref without the time of its own
        std::error_code gone;
        if (!kept.contains(mark.filename().string())) fs::remove(mark, gone);
    });
}

} // namespace persais::git
