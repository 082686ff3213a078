#pragma once
#include "base/async.hpp"
#include "config/limits.hpp"
#include "config/reading.hpp"

#include <functional>

namespace persais::config {

/// What one more reading of the settings came to.
struct reloaded {
    std::vector<std::string> errors;        ///< not empty: nothing changed, the old settings stay in force
    std::vector<std::string> changed;       ///< names that are in force now with another value
    std::vector<std::string> after_restart; ///< names that have another value, which only a restart brings in force

    /// One line for the log, without any value.
    std::string words() const;
};

/// The settings in force, read again on request and when a file changes: .env, or what NAME_FILE of a secret names.
/// (A running process' environment cannot change from outside, so what comes from there stays.) Rows of table() whose
/// `live` is false keep the value of the start. One executor.
class reloader {
public:
    /// As load().
    static result<std::unique_ptr<reloader>, std::vector<std::string>> start(environment variables,
                                                                             const std::filesystem::path& folder);

    /// Valid as long as the reloader lives; the object stays the same, its values change inside reload() only.
    /// Who holds a reference across a co_await may see new values after it.
    const settings& now() const { return now_; }

    /// Reads everything again, puts the new values in force, writes one line into the log, calls `told`.
    /// Synchronous: small files only. Call it for SIGHUP.
    reloaded reload();

    /// Called by each reload that changed something or met errors, after now() has changed. May be empty.
    std::function<void(const reloaded&)> told;

    /// Watches the folders of the files (editors and Kubernetes replace files and links instead of writing into them)
    /// and reloads when they are quiet for limits::reload_quiet and their bytes differ. Until cancelled. Where inotify
    /// is not to be had it says so in the log once and returns: SIGHUP still works.
    awaitable<> watch();

private:
    reloader(environment variables, std::filesystem::path folder, reading first);

    environment variables_;
    std::filesystem::path folder_;
    settings now_;
    std::vector<std::filesystem::path> files_;
    std::string seen_; // a digest of the files' bytes
};

} // namespace persais::config
