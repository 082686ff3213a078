#include "store/connections.hpp"
#include "store/limits.hpp"

namespace persais::store {

namespace {

using steady = std::chrono::steady_clock;

/// Whether a pooler gave us a session with other prepared statements than ours; the statement did not run.
bool about_statement_names(const db_error& e) {
    return e.sqlstate == "26000" || e.sqlstate == "42P05" || e.sqlstate == "08P01";
}

/// A network may have dropped a connection that was idle for long without telling either end. A statement that is sent
/// on it ends with an unknown outcome; a ping does not. False: the connection was lost, and is dropped when the lease
/// ends.
awaitable<bool> still_there(connections::lease& held, std::chrono::milliseconds doubt) { // lives in the caller's frame
    if (steady::now() - held->last_used() < doubt) co_return true;
    try {
        co_await with_deadline(limits::db_ping, held->ping());
        co_return true;
    } catch (const not_sent&) {
    } catch (const deadline_passed&) {
    } catch (const db_error&) {
    }
    held.spoil();
    co_return false;
}

/// `run` is called once for each attempt, with the session and whether statements are prepared by name there. `writes`:
/// a server that carries it out is not a standby.
template <class T>
awaitable<T> run_on(std::shared_ptr<connections> all, std::chrono::milliseconds statement,
                    std::chrono::milliseconds doubt, steady::time_point give_up,
                    std::function<awaitable<T>(connection&, bool)> run, std::function<void(connection&)> plan_again,
                    bool writes, urgency how = urgency::none) {
    bool planned_again = false;
    for (;;) {
        auto held = co_await all->take(give_up, how);
        bool named = all->named;
        bool knock_later = false;
        if (!co_await still_there(held, doubt)) continue;
        try {
            auto got = co_await with_deadline(statement, run(*held, named));
            held.answered();
            if (writes || held->takes_writes()) all->writes_again();
            co_return got;
        } catch (const not_sent& e) {
            if (steady::now() >= give_up) throw db_error("08006", e.what());
        } catch (const deadline_passed&) {
            throw db_error("08007", "a statement took too long and was given up, its outcome is unknown");
        } catch (const db_error& e) {
            if (!e.unknown_outcome()) held.answered();
            if (named && about_statement_names(e)) {
                all->named = false;
            } else if (named && e.sqlstate == "0A000" && !planned_again) {
                plan_again(*held); // "cached plan must not change result type": a migration changed its tables
                planned_again = true;
            } else if (e.sqlstate == "25006" && steady::now() < give_up) {
                held.only_reads();
                held.spoil(); // this server became a standby; its address will lead to the new primary soon
                writes = knock_later = true;
            } else {
                throw;
            }
        }
        if (knock_later) co_await sleep_for(limits::db_read_only_pause);
    }
}

awaitable<void> script_on(std::shared_ptr<connections> all, std::chrono::milliseconds doubt, steady::time_point give_up,
                          std::string sql) {
    for (;;) {
        auto held = co_await all->take(give_up);
        bool knock_later = false;
        if (!co_await still_there(held, doubt)) continue;
        try {
            co_await with_deadline(limits::db_script, held->script(sql));
            all->writes_again();
            co_return;
        } catch (const not_sent& e) {
            if (steady::now() >= give_up) throw db_error("08006", e.what());
        } catch (const deadline_passed&) {
            throw db_error("08007", "a script took too long and was given up, its outcome is unknown");
        } catch (const db_error& e) {
            if (e.sqlstate != "25006" || steady::now() >= give_up) throw;
            held.only_reads();
            held.spoil();
            knock_later = true;
        }
        if (knock_later) co_await sleep_for(limits::db_read_only_pause);
    }
}

} // namespace

struct pool::impl {
    pool_options options;
    std::shared_ptr<connections> all;
};

pool::pool(const asio::any_io_executor& executor, pool_options options)
    : impl_(std::make_unique<impl>(options, std::make_shared<connections>(executor, options))) {}

pool::pool() noexcept = default;

pool::~pool() {
    if (impl_) impl_->all->close();
}

namespace {

// The closures own copies of the request's text, because a retry needs them again.
awaitable<rows> query_on(std::shared_ptr<connections> all, const pool_options& how, std::string sql,
                         std::vector<param> params, urgency urgent) {
    return run_on<rows>(
        std::move(all), how.statement, how.doubt, steady::now() + how.absent,
        [sql, params = std::move(params)](connection& on, bool named) { return on.execute(sql, params, named); },
        [sql](connection& on) { on.spoil(sql); }, !sql.starts_with("select"), urgent);
}

} // namespace

awaitable<rows> pool::query(std::string sql, std::vector<param> params) {
    return query_on(impl_->all, impl_->options, std::move(sql), std::move(params), urgency::none);
}

awaitable<rows> pool::query_first(std::string sql, std::vector<param> params) {
    if (!impl_) return query(std::move(sql), std::move(params)); // a simulation's
    return query_on(impl_->all, impl_->options, std::move(sql), std::move(params), urgency::first);
}

awaitable<rows> pool::query_at_once(std::string sql, std::vector<param> params) {
    if (!impl_) return query(std::move(sql), std::move(params)); // a simulation's
    return query_on(impl_->all, impl_->options, std::move(sql), std::move(params), urgency::at_once);
}

awaitable<std::vector<rows>> pool::transact(std::vector<statement> all) {
    return run_on<std::vector<rows>>(
        impl_->all, impl_->options.statement, impl_->options.doubt, steady::now() + impl_->options.absent,
        [all](connection& on, bool named) { return on.transact(all, named); },
        [all](connection& on) {
            for (const auto& each : all)
                on.spoil(each.sql);
        },
        true);
}

awaitable<void> pool::script(std::string sql) {
    return script_on(impl_->all, impl_->options.doubt, steady::now() + impl_->options.absent, std::move(sql));
}

void pool::on_change(std::function<void(db_change, const std::string&)> told) {
    impl_->all->on_change = std::move(told);
}

void pool::on_answer(std::function<void()> told) {
    impl_->all->on_answer = std::move(told);
}

void pool::renew(const secret& url) {
    impl_->all->renew(url);
}

pool_status pool::status() const {
    return impl_->all->status();
}

void pool::close() {
    impl_->all->close();
}

} // namespace persais::store
