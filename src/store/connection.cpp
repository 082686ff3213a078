#include "store/connection.hpp"

#include <poll.h>
#include <regex>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::store {

namespace {

std::string field(const PGresult* r, int code) {
    const char* text = PQresultErrorField(r, code);
    return text ? text : "";
}

/// libpq has no SQLSTATE of a failed connect but in its verbose text: "FATAL:  28P01: password …\nLOCATION:  …".
connect_error refusal(PGconn* pg) {
    std::string text = PQerrorMessage(pg);
    text = std::regex_replace(text, std::regex("\n?LOCATION:[^\n]*"), "");
    while (text.ends_with('\n'))
        text.pop_back();
    std::smatch state;
    if (std::regex_search(text, state, std::regex("[A-Z]+:  ([0-9A-Z]{5}): "))) return {state[1].str(), text};
    return {"08006", text.empty() ? "the connection was lost" : text};
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
    // Told in between of statements: notices, and the farewell of a server that ends the session.
    PQsetNoticeReceiver(
        pg,
        [](void* self, const PGresult* r) {
            if (field(r, PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL") static_cast<connection*>(self)->doomed_ = true;
            spdlog::debug("database: {}", field(r, PG_DIAG_MESSAGE_PRIMARY));
        },
        this);
}

connection::~connection() {
    if (socket_.is_open()) socket_.release(); // libpq closes it
}

awaitable<std::unique_ptr<connection>> connection::open(conninfo info, std::chrono::milliseconds backstop) {
    auto executor = co_await asio::this_coro::executor;
    try {
        info = co_await resolved(std::move(info));
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        throw connect_error("08006", e.what());
    }
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : info) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    auto* pg = PQconnectStartParams(keywords.data(), values.data(), 0);
    if (!pg) throw std::bad_alloc();
    std::unique_ptr<connection> made(new connection(executor, pg));
    co_await made->negotiate();
    co_await made->set_up(backstop);
    co_return made;
}

awaitable<void> connection::negotiate() {
    PQsetErrorVerbosity(pg_.get(), PQERRORS_VERBOSE);
    auto state = PQstatus(pg_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) throw refusal(pg_.get());
        socket_.assign(PQsocket(pg_.get()));
        co_await wait_for(state == PGRES_POLLING_READING ? socket_.wait_read : socket_.wait_write);
        socket_.release(); // PQconnectPoll may close it and open another
        state = PQconnectPoll(pg_.get());
    }
    PQsetErrorVerbosity(pg_.get(), PQERRORS_DEFAULT);
    PQsetnonblocking(pg_.get(), 1);
    socket_.assign(PQsocket(pg_.get()));
}

awaitable<void> connection::set_up(std::chrono::milliseconds backstop) {
    auto sql =
        fmt::format("select case when pg_backend_pid() = {} then set_config('statement_timeout', '{}', false) end",
                    PQbackendPID(pg_.get()), backstop.count());
    std::optional<connect_error> refused;
    try {
        auto r = co_await execute(std::move(sql), {}, false);
        pooled_ = r.null(0, 0);
    } catch (const db_error& e) {
        refused.emplace("08006", e.what());
    } catch (const not_sent& e) {
        refused.emplace("08006", e.what());
    }
    if (refused) throw *refused;
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

awaitable<pg_result> connection::answer() {
    auto* pg = pg_.get();
    for (int left; (left = PQflush(pg)) != 0;) {
        if (left < 0) lost();
        co_await wait_for(socket_.wait_write);
    }
    pg_result kept;
    bool failed = false;
    for (;;) {
        while (PQisBusy(pg)) {
            co_await wait_for(socket_.wait_read);
            if (!PQconsumeInput(pg)) lost();
        }
        pg_result next(PQgetResult(pg));
        if (!next) break;
        auto status = PQresultStatus(next.get());
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            throw db_error("0A000", "COPY is not for this interface");
        if (!failed) kept = std::move(next);
        failed = failed || status == PGRES_FATAL_ERROR;
    }
    if (PQstatus(pg) == CONNECTION_BAD) {
        if (kept && !cut_) spdlog::debug("database: {}", PQresultErrorMessage(kept.get()));
        lost();
    }
    busy_ = false;
    if (failed) throw db_error(field(kept.get(), PG_DIAG_SQLSTATE), field(kept.get(), PG_DIAG_MESSAGE_PRIMARY));
    co_return kept;
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
    // The pool's own deadline is longer for a script than the session's backstop.
    auto whole = pooled_ ? std::move(sql) : "set local statement_timeout = 0;\n" + sql;
    if (!PQsendQuery(pg_.get(), whole.c_str())) lost();
    sent_ = true;
    co_await answer();
}

bool connection::reusable() {
    if (busy_ || cut_ || doomed_ || PQstatus(pg_.get()) != CONNECTION_OK) return false;
    // What an idle session has to read is a farewell or the end, nearly always: the farewell first, then the end.
    for (int i = 0; i < 2; ++i) {
        pollfd readable{PQsocket(pg_.get()), POLLIN, 0};
        if (::poll(&readable, 1, 0) == 0) return true;
        if (!PQconsumeInput(pg_.get())) return false;
        PQisBusy(pg_.get()); // hands notices to the receiver
        if (doomed_ || PQstatus(pg_.get()) != CONNECTION_OK) return false;
    }
    return true;
}

void connection::cut() {
    cut_ = true;
    if (socket_.is_open()) socket_.cancel();
}

} // namespace persais::store
