#pragma once
#include "config/settings.hpp"
#include "pgserver/embedded.hpp"
#include "queue/tasks.hpp"
#include "store/limits.hpp"

namespace persais::app {

struct database_options {
    /// What for. Only `making` makes a database or our tables where there are none; `reading` does not migrate those
    /// that are there either. `bare`: no tables are needed, and none is looked at; our own server is made.
    enum class purpose { making, changing, reading, bare };
    purpose why = purpose::making;
    /// How long a statement waits for an unreachable database before it throws.
    std::chrono::milliseconds absent = limits::db_absent;
    /// As pool::on_change; may be empty.
    std::function<void(store::db_change, const std::string&)> changed = {};
};

/// Access to PostgreSQL, with our schema in it: the server that DATABASE_URL names, or our own, which every `persais`
/// on the same data folder shares.
class database {
public:
    /// Null, unless for `making`: there is nothing of Persais yet (nothing_there() says where). An error is one
    /// sentence (exit code 3). `settings` outlives the database.
    static awaitable<result<std::unique_ptr<database>>>
    open(const config::settings& settings, std::filesystem::path exe_folder, database_options options = {});
    /// False: there is none, and only `making` would make it. Looks at this machine's disk only.
    static bool may_be_there(const config::settings& settings);
    /// Where nothing is: "/data holds no database of Persais (PERSAIS_DATA names the folder)".
    static std::string nothing_there(const config::settings& settings);
    ~database();
    database(const database&) = delete;

    store::pool& pool() { return *pool_; }
    queue::tasks& tasks() { return *tasks_; }
    const secret& url() const { return url_; }
    /// The address of the same database for what a pooler cannot carry, as far as one is known.
    secret direct_url(const config::settings& settings) const;
    /// What a person should know about the database; empty: nothing.
    const std::string& notice() const { return notice_; }
    /// What it lacks that only a later version uses, and what to do; empty: nothing. Asks the database.
    awaitable<std::string> lack();
    /// DATABASE_URL has a new value: the same database at another address. An error is one sentence; then the old
    /// address is kept.
    result<void> renew(const secret& url);
    /// Closes the connections, and stops the embedded server unless others use it.
    awaitable<void> close();

private:
    database() = default;
    awaitable<bool> find_tables(database_options::purpose why);
    awaitable<void> bring_up_to_date(store::pool_options how, const secret& given_direct);
    secret url_;
    std::string notice_;
    std::unique_ptr<pgserver::embedded> server_;
    std::unique_ptr<store::pool> pool_;
    std::unique_ptr<queue::tasks> tasks_;
};

} // namespace persais::app
