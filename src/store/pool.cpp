#include "store/connections.hpp"

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

/// A pooler gave us a session that knows other prepared statements than ours; the statement did not run.
bool about_statement_names(const db_error& e) {
    return e.sqlstate == "26000" || e.sqlstate == "42P05" || e.sqlstate == "08P01";
}

/// All copies of a request's words are its own: a retry needs them again.
awaitable<rows> query_on(std::shared_ptr<connections> all, std::chrono::milliseconds statement,
                         steady::time_point give_up, std::string sql, std::vector<param> params) {
    std::string why;
    bool planned_again = false;
    for (;;) {
        auto held = co_await all->take(give_up);
        bool named = all->named;
        bool knock_later = false;
        try {
            co_return co_await with_deadline(statement, held->execute(sql, params, named));
        } catch (const not_sent& e) {
            if (steady::now() >= give_up) throw db_error("08006", e.what());
        } catch (const deadline_passed&) {
            throw db_error("08007", "a statement took too long and was given up, its outcome is unknown");
        } catch (const db_error& e) {
            if (named && about_statement_names(e)) {
                all->named = false;
            } else if (named && e.sqlstate == "0A000" && !planned_again) {
                held->spoil(sql); // "cached plan must not change result type": a migration changed its tables
                planned_again = true;
            } else if (e.sqlstate == "25006" && steady::now() < give_up) {
                held.spoil(); // this server became a standby; its address leads to the new primary soon
                knock_later = true;
            } else {
                throw;
            }
        }
        if (knock_later) co_await sleep_for(limits::db_read_only_pause);
    }
}

awaitable<void> script_on(std::shared_ptr<connections> all, steady::time_point give_up, std::string sql) {
    for (;;) {
        auto held = co_await all->take(give_up);
        try {
            co_await with_deadline(limits::db_script, held->script(sql));
            co_return;
        } catch (const not_sent& e) {
            if (steady::now() >= give_up) throw db_error("08006", e.what());
        } catch (const deadline_passed&) {
            throw db_error("08007", "a script took too long and was given up, its outcome is unknown");
        }
    }
}

} // namespace

struct pool::impl {
    pool_options options;
    std::shared_ptr<connections> all;
};

pool::pool(const asio::any_io_executor& executor, pool_options options)
    : impl_(std::make_unique<impl>(options, std::make_shared<connections>(executor, options))) {}

pool::~pool() {
    close();
}

awaitable<rows> pool::query(std::string sql, std::vector<param> params) {
    return query_on(impl_->all, impl_->options.statement, steady::now() + impl_->options.absent, std::move(sql),
                    std::move(params));
}

awaitable<void> pool::script(std::string sql) {
    return script_on(impl_->all, steady::now() + impl_->options.absent, std::move(sql));
}

void pool::close() {
    impl_->all->close();
}

} // namespace persais::store
