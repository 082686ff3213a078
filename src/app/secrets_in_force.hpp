#pragma once
#include "config/reloader.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace persais::app {

/// Puts the secrets that were set at run time (service/run_time_secrets.hpp) into force, in the settings of this
/// process.
class secrets_in_force {
public:
    /// `settings` outlives it.
    explicit secrets_in_force(config::reloader& settings) : settings_(settings) {}

    /// Reads them, and tells the log of those that cannot be opened. Throws db_error; the ones before stay in force.
    awaitable<void> read(store::pool& db);

    /// Whether somebody calls `read` at each change. While nobody does, or after a failed `read`, it is to be called
    /// whenever the database is awake.
    bool heard() const { return hears_ && read_; }
    void set_heard(bool hears) { hears_ = hears; }

private:
    config::reloader& settings_;
    std::vector<std::string> said_;
    bool hears_ = false, read_ = false;
    std::uint64_t asked_ = 0, answered_ = 0; // an answer that was overtaken by a newer one is dropped
};

} // namespace persais::app
