#pragma once
#include "app/database.hpp"
#include "service/remote_tokens.hpp"

#include <map>
#include <string>
#include <vector>

/// What `persais uninstall` takes back of what Persais did elsewhere, and what it removes here. Nothing here asks
/// anybody.
namespace persais::app {

/// A branch that a task pushed and that nobody else wrote to since.
struct own_branch {
    task_id task;
    std::string remote, branch, commit;
    bool undecided = false; // a result that nobody decided about: its work is nowhere else
};
struct seen_branches {
    std::vector<own_branch> ours;
    std::vector<std::string> not_ours; // sentences about those that have other commits by now
    std::vector<std::string> troubles; // sentences about remotes that could not be looked at
};
/// Asks each remote that tasks were of. `tokens`: own_tokens(). Throws store::db_error, as all that takes a database.
awaitable<seen_branches> look_at_branches(database& db, const config::settings& settings,
                                          const service::remote_tokens& tokens);
/// Deletes them. Returns a sentence for each that stays.
awaitable<std::vector<std::string>> delete_branches(std::vector<own_branch> which, const config::settings& settings,
                                                    const service::remote_tokens& tokens);

struct webhook_gone {
    bool removed = false;
    std::string address; // where it leads to, or led; empty: there was none
    std::string trouble; // a sentence; empty: none
};
/// Takes the bot's webhook away when it leads to TELEGRAM_WEBHOOK_URL; what people wrote stays at Telegram.
awaitable<webhook_gone> remove_webhook(const config::settings& settings);

/// Why nothing may be taken back now: somebody works with the database, or with the data folder. Empty: it may.
awaitable<std::string> why_busy(database& db, const config::settings& settings);

/// What Persais keeps in its data folder and removes with its data; what else is there is somebody else's.
std::vector<std::filesystem::path> own_data(const std::filesystem::path& data);
/// Removes that, and the folder when nothing else is in it. Empty: done; else why not.
std::string remove_data(const std::filesystem::path& data);

} // namespace persais::app
