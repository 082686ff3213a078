#pragma once
#include "base/clock.hpp"
#include "store/store.hpp"

#include <memory>
#include <set>

struct pg_conn;

namespace persais::chat_world {

/// The real PostgreSQL with our schema, on one connection. A run is one transaction that is rolled back, each
/// transaction within it is a savepoint; `now()` and `clock_timestamp()` return the run's time.
class database {
public:
    /// `url`: a database with the schema, which was migrated after `clocks`.
    explicit database(const std::string& url);
    ~database();
    database(const database&) = delete;

    /// Prepares an empty database: the clock functions, and a search_path that finds them before the catalogue's.
    static const char* clocks();

    void begin_run();
    void end_run();
    /// Executes all of them or none. Throws db_error.
    std::vector<store::rows> run(const std::vector<store::statement>& all, time_point now);
    /// For the judge: rows of text.
    store::rows look(const std::string& sql);

private:
    /// What was sent and has not been answered: a statement, or the preparation of one.
    struct awaited {
        std::string sql;
        bool preparation = false;
    };
    void send(const store::statement& one);
    std::vector<store::rows> answers();
    void plain(const char* sql);

    pg_conn* link_ = nullptr;
    std::set<std::string> prepared_;
    std::vector<awaited> awaited_;
    int runs_ = 0;
};

} // namespace persais::chat_world
