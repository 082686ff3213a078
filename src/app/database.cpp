#include "app/database.hpp"

#include "base/told.hpp"
#include "queue/pg_tasks.hpp"
#include "store/address.hpp"
#include "store/listener.hpp"
#include "store/migrate.hpp"
#include "store/usability.hpp"

#include <random>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::app {

namespace {

/// This process's name. People want the process id, which alone is not unique where containers share a database.
std::string own_name() {
    return fmt::format("{}-{:08x}", ::getpid(), std::random_device{}());
}

} // namespace

database::~database() = default;

/// False: there are no tables of ours. Throws not_usable.
awaitable<bool> database::find_tables(database_options::purpose why) {
    bool reads = why == database_options::purpose::reading;
    auto seen = co_await store::judge(*pool_);
    bool may_be_read = reads && seen.ours && seen.obstacle && seen.obstacle->part == store::objection::about::server;
    if (seen.obstacle && !may_be_read) throw store::not_usable(*seen.obstacle);
    if (!seen.ours && seen.no_tables) throw store::not_usable(*seen.no_tables);
    if (!seen.ours || !reads) co_return seen.ours;
    auto state = co_await store::look_at_schema(*pool_);
    if (state.behind())
        throw std::runtime_error(
            told<"The tables are those of an older Persais (step {} of {}); `persais serve` or "
                 "`persais run` brings them up to date, and what only reads changes nothing.",
                 "Таблицы — от более старой версии Persais (шаг {} из {}); обновит их `persais serve` или `persais "
                 "run`, а команды, которые только читают, ничего не меняют.">(state.at, state.newest));
    co_return true;
}

awaitable<void> database::bring_up_to_date(store::pool_options how, const secret& given_direct) {
    auto direct = store::direct_url(url_, given_direct);
    if (!direct || *direct == url_) {
        co_await store::migrate(*pool_);
        co_return;
    }
    // Migrations need a session of their own, which a pooler does not give.
    if (auto seen = co_await store::judge(*pool_); seen.obstacle) throw store::not_usable(*seen.obstacle);
    how.url = *direct;
    if (!given_direct.empty()) how.setting = "DIRECT_URL";
    co_await store::migrate(how);
}

secret database::direct_url(const config::settings& settings) const {
    return store::direct_url(url_, settings.direct_url).value_or(url_);
}

bool database::may_be_there(const config::settings& settings) {
    return !settings.database_url.empty() || pgserver::embedded::exists(settings.data);
}

std::string database::nothing_there(const config::settings& settings) {
    return settings.database_url.empty()
               ? told<"{} holds no database of Persais (PERSAIS_DATA names the folder)",
                      "в {} нет базы данных Persais (папку задаёт PERSAIS_DATA)">(settings.data.string())
               : told<"the database that DATABASE_URL names holds no tables of Persais",
                      "в базе данных из DATABASE_URL нет таблиц Persais">();
}

awaitable<result<std::unique_ptr<database>>>
database::open(const config::settings& settings, std::filesystem::path exe_folder, database_options options) {
    using enum database_options::purpose;
    if (options.why != making && options.why != bare && !may_be_there(settings)) co_return nullptr;
    std::unique_ptr<database> made(new database);
    made->url_ = settings.database_url;
    if (made->url_.empty()) {
        auto binaries = config::find_beside(settings, exe_folder, "postgres");
        if (!binaries) co_return std::unexpected(binaries.error());
        auto server = co_await pgserver::embedded::start(settings.data, *binaries);
        if (!server) co_return std::unexpected(server.error());
        made->server_ = std::move(*server);
        made->url_ = secret(made->server_->url());
        made->notice_ = told<"The database is embedded, on this machine's disk only ({}); DATABASE_URL names another.",
                             "База данных встроенная, только на диске этой машины ({}); другую задаёт DATABASE_URL.">(
            (settings.data / "postgres").string());
    }
    store::pool_options how{.url = made->url_,
                            .size = settings.database_pool_size,
                            .ca_file = settings.ssl_cert_file,
                            .setting = made->server_ ? "" : "DATABASE_URL",
                            .absent = options.absent};
    made->pool_ = std::make_unique<store::pool>(co_await asio::this_coro::executor, how);
    if (options.changed) made->pool_->on_change(options.changed);
    auto look_and_migrate = [&]() -> awaitable<bool> {
        if (options.why == bare) co_return true;
        if (options.why != making && !co_await made->find_tables(options.why)) co_return false;
        if (options.why != reading) co_await made->bring_up_to_date(how, settings.direct_url);
        co_return true;
    };
    try {
        if (!co_await clean_up_on_exception(look_and_migrate(), made->close())) {
            co_await made->close();
            co_return nullptr;
        }
    } catch (const store::db_error& e) {
        co_return fail(told<"The database cannot be used: {}", "Базой данных нельзя пользоваться: {}">(e.what()));
    } catch (const std::runtime_error& e) { // the contents of the database are at fault
        co_return fail(e.what());
    }
    made->tasks_ = std::make_unique<queue::pg_tasks>(*made->pool_, own_name(), settings.lease_ttl);
    co_return made;
}

awaitable<std::string> database::lack() {
    if (server_) co_return "";
    try {
        auto seen = co_await store::look_at_vector(*pool_);
        co_return seen.lack ? seen.lack->sentence() : "";
    } catch (const store::db_error& e) { // it was there a moment ago, and what waits for it says so
        spdlog::debug("whether the database has pgvector is not known: {}", e.what());
    }
    co_return "";
}

result<void> database::renew(const secret& url) {
    if (server_ || url.empty())
        return fail(
            "DATABASE_URL: from or to the embedded database only at the next start; the one before stays in use.");
    try {
        pool_->renew(url);
    } catch (const store::db_error& e) {
        return fail(fmt::format("DATABASE_URL: {}; the address before stays in use.", e.what()));
    }
    url_ = url;
    return {};
}

awaitable<void> database::close() {
    if (pool_) pool_->close();
    if (server_) co_await server_->leave();
}

} // namespace persais::app
