#include "app/after_restore.hpp"

#include "app/own_tokens.hpp"
#include "backup/work.hpp"
#include "base/told.hpp"
#include "git/branches.hpp"
#include "mechanic/endings.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/restored.hpp"
#include "telegram/store/chats.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <spdlog/spdlog.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

constexpr auto restorer = "restore"; // the owner of what is changed here

using branches = std::map<std::string, git::commit_id>;

/// The branch that the remote has of this task and that the backup does not know; empty: there is none.
std::string newer_branch(const mechanic::task& t, const branches& there) {
    const auto& k = t.known;
    auto name = k.branch.empty() ? git::branch_name(t.id.str(), t.what.instruction) : k.branch;
    auto found = there.find(name);
    if (found == there.end()) return {};
    std::vector<std::string> known;
    if (k.made) known.push_back(k.made->commit);
    if (k.stands) known.push_back(k.stands->made.commit);
    if (k.in_doubt) known.push_back(k.in_doubt->made.commit);
    return std::ranges::find(known, found->second) == known.end() ? name : std::string();
}

/// Why a task must not go on by itself; empty: it may.
std::string why_not(const mechanic::task& t, const result<branches>& there) {
    if (!there)
        return told<
            "The service was restored from a backup, and the remote could not be looked at: {} Nothing was done "
            "again; retry it when that is mended.",
            "Сервис восстановлен из резервной копии, а удалённый репозиторий недоступен: {} Ничего не "
            "сделано повторно; когда это исправят, повторите задачу.">(there.error());
    auto branch = newer_branch(t, *there);
    if (branch.empty()) return {};
    return told<
        "The service was restored from a backup of before, and this task had gone on since: the branch {} has what "
        "came of it. Nothing was done again; retry it if that is not enough.",
        "Сервис восстановлен из более ранней резервной копии, а задача успела продвинуться: результат — в "
        "ветке {}. Ничего не сделано повторно; если этого мало, повторите задачу.">(branch);
}

} // namespace

bool same_content(const fs::path& one, const fs::path& other) {
    std::ifstream a(one, std::ios::binary), b(other, std::ios::binary);
    std::ostringstream left, right;
    left << a.rdbuf();
    right << b.rdbuf();
    return a && b && left.str() == right.str();
}

awaitable<void> stop_landings(backup::source from, store::pool& db, restored& done) {
    queue::pg_tasks tasks(db, restorer, from.settings.lease_ttl);
    for (auto id : co_await queue::landings_to_stop(db, restorer)) {
        auto was = co_await tasks.load(id);
        if (!was || !was->task.known.lands) continue;
        auto next = was->task;
        auto& lands = *next.known.lands;
        lands.in_doubt = lands.in_doubt || !lands.made.empty();
        mechanic::land_nowhere(
            next, told<"The service was restored from a backup of before: look whether this was deployed since, or "
                       "not wanted any more, and ask for it again if not.",
                       "Сервис восстановлен из более ранней резервной копии: посмотрите, не развёрнуто ли это с тех "
                       "пор и нужно ли ещё, и если нет — запросите снова.">());
        if (!co_await tasks.save(*was, next, false))
            throw std::runtime_error("task " + id.str() + " could not be taken out of its landing");
        done.stopped.push_back(id);
    }
}

awaitable<void> compare_with_remotes(backup::source from, store::pool& db, fs::path folder, restored& done) {
    auto tokens = co_await own_tokens(db, from.settings, from.time,
                                      [&](const std::string& trouble) { done.troubles.push_back(trouble); });
    queue::pg_tasks tasks(db, restorer, from.settings.lease_ttl);
    std::map<std::string, result<branches>> seen;
    for (auto id : co_await queue::going_on(db)) {
        auto found = co_await tasks.load(id);
        if (!found) continue;
        const auto& remote = found->task.what.remote;
        if (!seen.contains(remote)) {
            auto there = co_await git::branches_of(service::remote_at(remote, from.settings, tokens));
            seen.emplace(remote, there ? result<branches>(std::move(*there)) : fail(there.error().sentence));
            if (!seen.at(remote)) done.troubles.push_back(seen.at(remote).error());
        }
        auto why = why_not(found->task, seen.at(remote));
        if (why.empty()) continue;
        co_await queue::park_restored(db, id, why);
        done.parked.push_back(id);
    }
    for (const auto& each : done.what.work) {
        auto back = co_await backup::bring_work_back(
            from.settings.data / "mirrors", service::remote_at(each.remote, from.settings, tokens), folder / each.file);
        if (!back) done.troubles.push_back(back.error());
    }
}

} // namespace persais::app
