#pragma once
#include "base/async.hpp"
#include "config/limits.hpp"
#include "config/reading.hpp"

#include <functional>

namespace persais::config {

/// The result of reading the settings again.
struct reloaded {
    std::vector<std::string> errors;        ///< if any, nothing changed and the old settings stay in force
    std::vector<std::string> changed;       ///< names whose new values are in force now
    std::vector<std::string> after_restart; ///< names whose new values take effect only after a restart

    /// One line for the log, without any value.
    std::string words() const;
};

/// The settings in force, which are read again on request and when a file changes: .env, or a file that NAME_FILE of a
/// secret names. (A running process' environment cannot change from outside, so its values stay.) Rows of table() whose
/// `live` is false keep the value of the start. Belongs to one executor.
class reloader {
public:
    /// As load().
    static result<std::unique_ptr<reloader>, std::vector<std::string>> start(environment variables,
                                                                             const std::filesystem::path& folder);

    /// The reference is valid as long as the reloader lives; the values change inside reload() only. Code that holds it
    /// across a co_await may see new values afterwards.
    const settings& now() const { return now_; }

    /// Reads everything again, applies the new values, writes one line to the log, and calls `told`. It is synchronous,
    /// because the files are small. Call it for SIGHUP.
    reloaded reload();

    /// These secrets were set at run time, and no others: read() says how they come before files and environment. Reads
    /// everything again when they are not those of before; nullopt: they are.
    std::optional<reloaded> set_at_run_time(secrets_by_name values);

    /// Called after each reload that changed something or had errors, when now() has its new values. May be empty.
    std::function<void(const reloaded&)> told;

    /// Watches the folders of the files (editors and Kubernetes replace files and links instead of writing into them),
    /// and reloads when they were quiet for limits::reload_quiet and their content differs. Runs until cancelled. Where
    /// inotify is not available it logs that once and returns; SIGHUP still works.
    awaitable<> watch();

private:
    reloader(environment variables, std::filesystem::path folder, reading first);

    environment variables_;
    secrets_by_name run_time_;
    std::filesystem::path folder_;
    settings now_;
    std::vector<std::filesystem::path> files_;
    std::string seen_; // a digest of the files' bytes
};

} // namespace persais::config
