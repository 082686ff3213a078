#pragma once
#include "app/engine.hpp"
#include "backup/make.hpp"
#include "ops/metrics.hpp"
#include "queue/backups.hpp"

namespace persais::app {

/// The backups of a service: one every BACKUP_INTERVAL while something changes, by one of the processes that share the
/// database. What changes is seen by the database's answers to this process, so that nothing happens while it is idle.
class backups {
public:
    /// All references outlive it. `tell_admins` is called when the newest good backup is older than three intervals.
    backups(engine& on, const config::settings& settings, std::filesystem::path exe_folder, std::string version,
            ops::metrics& metrics, std::function<awaitable<void>()> tell_admins);
    ~backups();
    backups(const backups&) = delete;

    /// Runs until cancelled; before that, call leave().
    awaitable<void> run();
    /// Ends soon what runs on a thread.
    void leave() { stop_ = true; }
    /// BACKUP_URL or the interval may have changed.
    void renew() { renewed_.set(); }

private:
    awaitable<void> until_due();
    awaitable<void> one_in_peace();
    awaitable<bool> one();
    awaitable<bool> with_turn(queue::backup_turn turn);
    struct made_now {
        queue::good_backup good;
        std::string said; // for the log
    };
    awaitable<result<made_now>> make(backup::place& to, queue::backup_turn turn);
    awaitable<void> failed(std::string why);
    backup::source source();

    engine& engine_;
    const config::settings& settings_;
    std::filesystem::path exe_folder_;
    std::string version_, holder_;
    ops::metrics& metrics_;
    std::function<awaitable<void>()> tell_admins_;
    system_clock time_;
    event changed_, renewed_;
    bool own_ = false; // the answers come to what this object asks
    std::chrono::steady_clock::time_point due_;
    backup::stop_flag stop_ = false;
};

} // namespace persais::app
