#include "git/leftovers.hpp"

#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view of_tasks = "refs/persais/tasks/";

} // namespace

std::vector<layout> mirrors_below(const fs::path& root) {
    std::vector<layout> all;
    std::error_code ec;
    for (fs::directory_iterator i(root, ec), end; !ec && i != end; i.increment(ec))
        if (fs::exists(i->path() / "git", ec)) all.push_back({fs::absolute(i->path())});
    return all;
}

awaitable<> sweep(layout at) {
    std::error_code ec;
    bool packs = !fs::is_empty(at.incoming(), ec);
    bool clone = fs::exists(at.clone(), ec);
    auto tending = co_await lock(at.tending(), sharing::alone, {});
    bool objects = tending.has_value(); // else they may be being joined, for minutes
    if (!packs && !clone && !sweep_repository(at.git(), true, objects)) co_return;
    auto alone = co_await lock(at.used(), sharing::alone, limits::git_sweep_wait);
    if (!alone) co_return; // it is in use: what looks left over may be in progress
    sweep_repository(at.git(), false, objects);
    for (const auto& part : {at.incoming(), at.clone()})
        co_await remove_folder(part);
    make_private_folder(at.incoming());
}

awaitable<std::set<task_id>> tasks_with_refs(layout at) {
    std::set<task_id> found;
    auto listed = co_await at.run(at.on_mirror({"for-each-ref", "--format=%(refname)", "--", std::string(of_tasks)}));
    for (auto line : pieces(listed.output, '\n')) {
        task_id id;
        line.remove_prefix(std::min(line.size(), of_tasks.size()));
        auto read = std::from_chars(line.data(), line.data() + line.size(), id.value);
        if (read.ec == std::errc() && read.ptr != line.data() + line.size() && *read.ptr == '/') found.insert(id);
    }
    co_return found;
}

awaitable<> forget_refs(layout at, std::string ref_prefix, std::chrono::milliseconds most) {
    auto use = co_await lock(at.used(), sharing::shared, most);
    if (!use) {
        spdlog::warn("{} is left as it is: {}", ref_prefix, use.error());
        co_return;
    }
    auto listed = co_await at.run(at.on_mirror({"for-each-ref", "--format=delete %(refname)", "--", ref_prefix}));
    if (listed.output.empty()) co_return;
    auto remove = at.on_mirror({"update-ref", "--stdin"});
    remove.input = listed.output;
    auto removed = co_await at.run(std::move(remove));
    if (!removed.ok()) throw std::runtime_error(explain_local(removed, "Forgetting a task").sentence);
}

} // namespace persais::git
