#include "store/connection.hpp"

#include "store/address.hpp"

#include <map>
#include <poll.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::store {

namespace {

std::string field(const PGresult* r, int code) {
    const char* text = PQresultErrorField(r, code);
    return text ? text : "";
}

connect_error refusal(PGconn* pg, const endpoint& where) {
    return explained(PQerrorMessage(pg), where);
}

std::vector<const char*> pointers(const std::vector<param>& params) {
    std::vector<const char*> values;
    values.reserve(params.size());
    for (const auto& p : params)
        values.push_back(p ? p->c_str() : nullptr);
    return values;
}

} // namespace

connection::connection(const asio::any_io_executor& executor, PGconn* pg) : pg_(pg), socket_(executor) {
    // The server also sends messages between statements: notices, and the final message before it ends the session.
    PQsetNoticeReceiver(
        pg,
        [](void* self, const PGresult* r) {
            if (field(r, PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL") {
                static_cast<connection*>(self)->doomed_ = true;
                static_cast<connection*>(self)->farewell_ = field(r, PG_DIAG_MESSAGE_PRIMARY);
            }
            spdlog::debug("database: {}", field(r, PG_DIAG_MESSAGE_PRIMARY));
        },
        this);
}

connection::~connection() {
    if (socket_.is_open()) socket_.release(); // libpq closes it
}

awaitable<std::unique_ptr<connection>> connection::open(endpoint where, std::chrono::milliseconds backstop,
                                                        unsigned first) {
    auto executor = co_await asio::this_coro::executor;
    conninfo info;
    try {
        info = co_await resolved(where.info, first);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        throw unknown_host(e.code().message(), where);
    }
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : info.words) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    for (const auto& [keyword, value] : info.secrets) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.reveal().c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    auto* pg = PQconnectStartParams(keywords.data(), values.data(), 0);
    if (!pg) throw std::bad_alloc();
    std::unique_ptr<connection> made(new connection(executor, pg));
    co_await made->negotiate(where);
    std::optional<connect_error> refused;
    try {
        co_await made->set_up(backstop, hides_its_process(where.info));
    } catch (const db_error& e) {
        refused = explained(e.what(), where);
    } catch (const not_sent& e) {
        refused = explained(e.what(), where);
    }
    if (refused) throw *refused;
    co_return made;
}

awaitable<void> connection::negotiate(const endpoint& where) {
    PQsetErrorVerbosity(pg_.get(), PQERRORS_VERBOSE);
    auto state = PQstatus(pg_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) throw refusal(pg_.get(), where);
        socket_.assign(PQsocket(pg_.get()));
        co_await wait_for(state == PGRES_POLLING_READING ? socket_.wait_read : socket_.wait_write);
        socket_.release(); // PQconnectPoll may close it and open another
        state = PQconnectPoll(pg_.get());
    }
    PQsetErrorVerbosity(pg_.get(), PQERRORS_DEFAULT);
    PQsetnonblocking(pg_.get(), 1);
    socket_.assign(PQsocket(pg_.get()));
}

awaitable<void> connection::set_up(std::chrono::milliseconds backstop, bool surely_direct) {
    auto ours = surely_direct ? "true" : fmt::format("pg_backend_pid() = {}", PQbackendPID(pg_.get()));
    auto r = co_await execute(fmt::format("select case when {} then set_config('statement_timeout', '{}', false) end",
                                          ours, backstop.count()),
                              {}, false);
    pooled_ = r.null(0, 0);
}

bool connection::takes_writes() const {
    auto off = [&](const char* name) {
        const char* value = PQparameterStatus(pg_.get(), name);
        return value && std::string_view(value) == "off";
    };
    return !pooled_ && off("in_hot_standby") && off("default_transaction_read_only");
}

awaitable<void> connection::wait_for(asio::posix::stream_descriptor::wait_type what) {
    boost::system::error_code ec;
    co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, ec));
    if (cut_) lost();
    if (ec) throw boost::system::system_error(ec);
}

void connection::lost() {
    std::string why = cut_ ? "the pool was closed" : PQerrorMessage(pg_.get());
    while (why.ends_with('\n'))
        why.pop_back();
    if (!sent_) throw not_sent(why);
    throw db_error("08007", "the connection broke while a statement ran, its outcome is unknown: " + why);
}

/// Throws what the end of the connection means. `last`: the answer that came before it, if any.
void connection::broke_off(const PGresult* last) {
    if (last && !cut_) {
        auto words = field(last, PG_DIAG_MESSAGE_PRIMARY);
        spdlog::debug("database: {}", words);
        if (pooler_gave_up(field(last, PG_DIAG_SQLSTATE), words)) throw not_sent(words);
    }
    lost();
}

awaitable<void> connection::flush() {
    for (int left; (left = PQflush(pg_.get())) != 0;) {
        if (left < 0) lost();
        co_await wait_for(socket_.wait_write);
    }
}

/// The next answer; null between the answers of two statements, and after the last. `last`: the answer before it, if
/// any.
awaitable<pg_result> connection::next_result(const PGresult* last) {
    auto* pg = pg_.get();
    while (PQisBusy(pg)) {
        co_await wait_for(socket_.wait_read);
        if (!PQconsumeInput(pg)) broke_off(last);
    }
    co_return pg_result(PQgetResult(pg));
}

void connection::settled(std::chrono::steady_clock::time_point asked) {
    busy_ = false;
    last_used_ = std::chrono::steady_clock::now();
    round_trip_ = last_used_ - asked;
}

awaitable<pg_result> connection::answer() {
    auto asked = std::chrono::steady_clock::now();
    co_await flush();
    pg_result kept;
    bool failed = false;
    for (;;) {
        auto next = co_await next_result(kept.get());
        if (!next) break;
        auto status = PQresultStatus(next.get());
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            throw db_error("0A000", "COPY is not for this interface");
        if (!failed) kept = std::move(next);
        failed = failed || status == PGRES_FATAL_ERROR;
    }
    if (PQstatus(pg_.get()) == CONNECTION_BAD) broke_off(kept.get());
    settled(asked);
    if (failed) throw db_error(field(kept.get(), PG_DIAG_SQLSTATE), field(kept.get(), PG_DIAG_MESSAGE_PRIMARY));
    co_return kept;
}

/// What a pipeline asks for, in order: each of its answers belongs to one of these.
struct connection::queued_statements {
    struct part {
        const std::string* sql;
        std::string prepares; // the name under which it is prepared here; empty: it is carried out
    };
    std::vector<part> parts;
    std::map<std::string_view, std::string> names; // prepared by this pipeline
};

void connection::queue_up(const std::vector<statement>& all, bool named, queued_statements& into) {
    auto* pg = pg_.get();
    for (const auto& each : all) {
        auto name = named ? names_.prepared(each.sql) : std::nullopt;
        if (auto here = into.names.find(each.sql); here != into.names.end()) name = here->second;
        if (named && !name && (name = names_.fresh(each.sql))) {
            if (!PQsendPrepare(pg, name->c_str(), each.sql.c_str(), 0, nullptr)) lost();
            into.names.emplace(each.sql, *name);
            into.parts.push_back({&each.sql, *name});
        }
        auto values = pointers(each.params);
        auto count = static_cast<int>(values.size());
        int queued = name ? PQsendQueryPrepared(pg, name->c_str(), count, values.data(), nullptr, nullptr, 0)
                          : PQsendQueryParams(pg, each.sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
        if (!queued) lost();
        into.parts.push_back({&each.sql, {}});
    }
}

/// Sends a pipeline: all statements before one Sync are one transaction.
awaitable<std::vector<rows>> connection::transact(std::vector<statement> all, bool named) {
    busy_ = true;
    sent_ = false;
    auto asked = std::chrono::steady_clock::now();
    auto* pg = pg_.get();
    if (!PQenterPipelineMode(pg)) lost();
    queued_statements sent;
    queue_up(all, named, sent);
    if (!PQpipelineSync(pg)) lost();
    sent_ = true;
    co_await flush();
    std::vector<rows> answers;
    pg_result failed, last;
    for (auto part = sent.parts.begin();;) {
        auto next = co_await next_result(last.get());
        if (!next) {
            if (PQstatus(pg) == CONNECTION_BAD) broke_off(last.get());
            continue;
        }
        auto status = PQresultStatus(next.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        last = std::move(next);
        if (status == PGRES_FATAL_ERROR && !failed)
            failed = std::move(last);
        else if (status == PGRES_COMMAND_OK && part != sent.parts.end() && !part->prepares.empty())
            names_.keep(*part->sql, part->prepares);
        else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
            answers.emplace_back(std::make_shared<rows::holder>(std::move(last)));
        if (part != sent.parts.end()) ++part;
        if (PQstatus(pg) == CONNECTION_BAD) broke_off(failed.get());
    }
    if (!PQexitPipelineMode(pg)) lost();
    settled(asked);
    if (failed) throw db_error(field(failed.get(), PG_DIAG_SQLSTATE), field(failed.get(), PG_DIAG_MESSAGE_PRIMARY));
    co_return answers;
}

awaitable<rows> connection::execute(std::string sql, std::vector<param> params, bool named) {
    busy_ = true;
    sent_ = false;
    auto name = named ? names_.prepared(sql) : std::nullopt;
    if (named && !name && (name = names_.fresh(sql))) {
        if (!PQsendPrepare(pg_.get(), name->c_str(), sql.c_str(), 0, nullptr)) lost();
        co_await answer();
        names_.keep(sql, *name);
        busy_ = true;
    }
    auto values = pointers(params);
    auto count = static_cast<int>(values.size());
    int queued = name ? PQsendQueryPrepared(pg_.get(), name->c_str(), count, values.data(), nullptr, nullptr, 0)
                      : PQsendQueryParams(pg_.get(), sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
    if (!queued) lost();
    sent_ = true;
    co_return rows(std::make_shared<rows::holder>(co_await answer()));
}

awaitable<void> connection::script(std::string sql) {
    busy_ = true;
    sent_ = false;
    // The pool's own timeout for a script is longer than the session's statement_timeout.
    auto whole = pooled_ ? std::move(sql) : "set local statement_timeout = 0;\n" + sql;
    if (!PQsendQuery(pg_.get(), whole.c_str())) lost();
    sent_ = true;
    co_await answer();
}

awaitable<void> connection::ping() {
    busy_ = true;
    sent_ = false; // even if this fails, no statement has run
    if (!PQsendQuery(pg_.get(), "")) lost();
    co_await answer();
}

awaitable<notification> connection::notified() {
    struct free_notify {
        void operator()(PGnotify* n) const { PQfreemem(n); }
    };
    for (;;) {
        std::unique_ptr<PGnotify, free_notify> n(PQnotifies(pg_.get()));
        if (n) {
            last_used_ = std::chrono::steady_clock::now();
            co_return notification{n->relname, n->extra};
        }
        if (doomed_ || PQstatus(pg_.get()) != CONNECTION_OK)
            throw not_sent(farewell_.empty() ? "the server closed the connection" : farewell_);
        co_await wait_for(socket_.wait_read);
        if (!PQconsumeInput(pg_.get())) {
            PQisBusy(pg_.get()); // passes the server's final message, which came with the end, to the receiver
            doomed_ = true;
        }
    }
}

void connection::watch(std::function<void()> gone) {
    watching_ = std::make_shared<std::function<void()>>(std::move(gone));
    socket_.async_wait(socket_.wait_read, [this, still = std::weak_ptr(watching_)](boost::system::error_code) {
        auto told = still.lock();
        if (!told) return; // lent or destroyed in the meantime
        if (reusable())
            watch(std::move(*told)); // a notice, or a setting that changed
        else
            (*told)();
    });
}

void connection::unwatch() {
    if (!watching_) return;
    watching_.reset();
    socket_.cancel();
}

bool connection::reusable() {
    if (busy_ || cut_ || doomed_ || PQstatus(pg_.get()) != CONNECTION_OK) return false;
    // An idle session nearly always has only a final message or the end of the stream to read: the message first, then
    // the end.
    for (int i = 0; i < 2; ++i) {
        pollfd readable{PQsocket(pg_.get()), POLLIN, 0};
        if (::poll(&readable, 1, 0) == 0) return true;
        bool more = PQconsumeInput(pg_.get()) == 1;
        PQisBusy(pg_.get()); // passes notices to the receiver
        if (!more || doomed_ || PQstatus(pg_.get()) != CONNECTION_OK) return false;
    }
    return true;
}

void connection::cut() {
    cut_ = true;
    if (socket_.is_open()) socket_.cancel();
}

} // namespace persais::store
