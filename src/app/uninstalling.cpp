#include "app/uninstalling.hpp"

#include "app/doorbell.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "git/branches.hpp"
#include "mechanic/task.hpp"
#include "queue/branches.hpp"
#include "queue/repositories.hpp"
#include "telegram/api/api.hpp"
#include "telegram/api/methods.hpp"

#include <algorithm>
#include <system_error>

#include <boost/json.hpp>

namespace persais::app {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

/// Of the tasks whose branches the remote has.
awaitable<void> sort_branches(database& db, std::string remote, std::map<std::string, git::commit_id> there,
                              seen_branches& all) { // look_at_branches() waits, and owns them
    std::vector<std::string> names;
    for (const auto& [name, commit] : there)
        names.push_back(name);
    std::map<std::string, own_branch> ours;
    std::vector<std::string> others;
    for (auto id : co_await queue::tasks_with_branches(db.pool(), remote, std::move(names))) {
        auto found = co_await db.tasks().load(id);
        if (!found) continue;
        const auto& t = found->task;
        const auto* work = mechanic::pushed_work(t);
        if (!work || t.known.branch.empty()) continue;
        if (there.at(t.known.branch) == work->commit)
            ours[t.known.branch] = {id, remote, t.known.branch, work->commit,
                                    std::holds_alternative<mechanic::review>(t.now)};
        else
            others.push_back(t.known.branch);
    }
    for (const auto& name : others)
        if (!ours.contains(name))
            all.not_ours.push_back(
                told<"{} at {} has other commits by now, and stays.", "В {} на {} уже другие коммиты, она остаётся.">(
                    text::printable(name), text::printable(remote)));
    for (auto& [name, one] : ours)
        all.ours.push_back(std::move(one));
}

} // namespace

awaitable<seen_branches> look_at_branches(database& db, const config::settings& settings,
                                          const service::remote_tokens& tokens) {
    seen_branches all;
    auto remotes = co_await queue::remotes_of_tasks(db.pool());
    std::ranges::sort(remotes);
    for (const auto& remote : remotes) {
        auto there = co_await git::branches_of(service::remote_at(remote, settings, tokens));
        if (!there) {
            all.troubles.push_back(there.error().sentence);
            continue;
        }
        co_await sort_branches(db, remote, std::move(*there), all);
    }
    co_return all;
}

awaitable<std::vector<std::string>> delete_branches(std::vector<own_branch> which, const config::settings& settings,
                                                    const service::remote_tokens& tokens) {
    std::vector<std::string> stay;
    for (const auto& each : which) {
        auto gone =
            co_await git::delete_branch(service::remote_at(each.remote, settings, tokens), each.branch, each.commit);
        if (!gone) stay.push_back(gone.error().sentence);
    }
    co_return stay;
}

awaitable<webhook_gone> remove_webhook(const config::settings& settings) {
    webhook_gone done;
    if (settings.telegram_bot_token.empty()) co_return done;
    auto bot = telegram::make_api(
        co_await asio::this_coro::executor, [&] { return settings.telegram_api_root; },
        [&] { return settings.telegram_bot_token; }, settings.ssl_cert_file);
    auto failed = [](const telegram::called& c) {
        return told<"Telegram could not be asked about the webhook: {}", "Telegram не удалось спросить о вебхуке: {}">(
            c.got ? text::printable(c.got->description) : c.why);
    };
    auto seen = co_await bot->call("getWebhookInfo", "{}");
    if (!seen.got || !seen.got->ok) {
        done.trouble = failed(seen);
        co_return done;
    }
    if (auto info = parse_object(seen.got->result)) done.address = text_in(*info, "url");
    if (done.address.empty() || done.address != settings.telegram_webhook_url) co_return done;
    auto gone = co_await bot->call("deleteWebhook", json::serialize(telegram::delete_webhook()));
    done.removed = gone.got && gone.got->ok;
    if (!done.removed) done.trouble = failed(gone);
    co_return done;
}

awaitable<std::string> why_busy(database& db, const config::settings& settings) {
    if (ring(settings.data) > 0)
        co_return told<"A service runs on this data folder: stop it first.",
                       "С этой папкой данных работает сервис: сначала остановите его.">();
    if (auto n = co_await queue::tasks_held(db.pool()); n > 0)
        co_return told<"A service works on {0} {0:task|tasks} of this database: stop it first.",
                       "Сервис выполняет {0} {0:задачу|задачи|задач} этой базы данных: сначала остановите его.">(
            number{n});
    co_return "";
}

std::vector<fs::path> own_data(const fs::path& data) {
    std::vector<fs::path> all;
    std::error_code ec;
    for (auto* name :
         {"postgres", "mirrors", "tasks", "gateways", "backup", "demo", "master.key", "master.key.new", "backup.key"})
        if (fs::exists(fs::symlink_status(data / name, ec))) all.push_back(data / name);
    return all;
}

std::string remove_data(const fs::path& data) {
    std::error_code ec;
    for (const auto& each : own_data(data)) {
        fs::remove_all(each, ec);
        if (ec) return each.string() + ": " + ec.message();
    }
    fs::remove(data, ec); // what is somebody else's keeps it
    return {};
}

} // namespace persais::app
