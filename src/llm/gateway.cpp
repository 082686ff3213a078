#include "llm/gateway.hpp"

#include "base/encoding.hpp"
#include "base/model_name.hpp"
#include "base/random.hpp"
#include "base/told.hpp"
#include "http/router.hpp"
#include "llm/core.hpp"
#include "llm/rewrite.hpp"

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

/// Compares with every session and every byte, so that the time it takes tells nothing about a token.
std::shared_ptr<session> find(const core& all, const secret& token) {
    std::shared_ptr<session> found;
    for (const auto& one : all.sessions)
        if (one->token == token) found = one;
    return found;
}

secret bearer(const http::request& r) {
    auto value = http::header(r.fields, "Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (value.size() < scheme.size()) return {};
    for (std::size_t i = 0; i < scheme.size(); ++i)
        if ((value[i] | 0x20) != (scheme[i] | 0x20)) return {};
    return secret(std::string(value.substr(scheme.size())));
}

std::string models_of(const session& s) {
    json::array data;
    data.push_back({{"id", plain_model(s.spec.model)}, {"object", "model"}, {"owned_by", "persais"}});
    if (!s.spec.weak_model.empty() && plain_model(s.spec.weak_model) != plain_model(s.spec.model))
        data.push_back({{"id", plain_model(s.spec.weak_model)}, {"object", "model"}, {"owned_by", "persais"}});
    return json::serialize(json::object{{"object", "list"}, {"data", std::move(data)}});
}

using asking = std::shared_ptr<session>;

awaitable<> complete(std::shared_ptr<core> all, asking of, http::call c, http::responder& to) {
    bool database_away = false;
    try {
        co_await serve_chat(all, of, std::move(c.asked.body), to);
    } catch (const store::db_error& e) {
        spdlog::error("task {}: the database: {}", of->spec.task.value, e.what());
        database_away = true;
    }
    if (!database_away || to.begun()) co_return;
    auto r = http::error_response(503, told<"The database does not answer, so no money can be reserved for this call.",
                                            "База данных не отвечает, поэтому деньги на этот запрос не отложить.">());
    co_await to.send(r.status, std::move(r.fields), std::move(r.body));
}

http::router routes_of(const std::shared_ptr<core>& all) {
    const http::authenticator<asking> by_token{
        "task token", [all](http::request head) -> awaitable<result<asking, http::response>> {
            auto of = find(*all, bearer(head));
            if (!of)
                co_return std::unexpected(http::error_response(401, "This token belongs to no task that is running."));
            co_return of;
        }};
    http::router routes;
    for (std::string root : {"", "/v1"}) { // agents differ in what they take for the root
        // It has no deadline, because a call may wait for its model as long as its session says.
        routes.add({.method = "POST",
                    .pattern = root + "/chat/completions",
                    .body_bytes = limits::model_request_bytes,
                    .deadline = std::nullopt,
                    .at_once = limits::model_requests_at_once},
                   by_token, [all](asking of, http::call c, http::responder& to) {
                       return complete(all, std::move(of), std::move(c), to);
                   });
        routes.add({.method = "GET", .pattern = root + "/models"}, by_token,
                   [](asking of, http::call) -> awaitable<http::response> {
                       co_return http::response{200, {{"Content-Type", "application/json"}}, models_of(*of)};
                   });
    }
    return routes;
}

} // namespace

struct gateway::impl {
    std::shared_ptr<core> all;
    std::unique_ptr<http::server> server;
};

gateway::gateway(const asio::any_io_executor& executor, store::pool& db, const clock& time, upstream where,
                 gateway_options options)
    : impl_(std::make_unique<impl>()) {
    while (where.base_url.ends_with('/'))
        where.base_url.pop_back();
    impl_->all = std::make_shared<core>(executor, db, time, std::move(where), std::move(options));
    if (impl_->all->options.settled) // a plain pointer is enough, because the core owns the books
        impl_->all->books.settled = [all = impl_->all.get()](const std::string& outcome, const bill& cost) {
            all->options.settled(outcome, cost.cost_usd, cost.tokens.sent, cost.tokens.received);
        };
    impl_->all->books.exceeded = [all = impl_->all.get()](const ledger::excess& by) {
        for (const auto& one : std::list(all->sessions))
            if (one->spec.task == by.task) one->close(by.call, dearer_than_reserved(by.cost_usd, by.reserved_usd));
    };
    impl_->server =
        std::make_unique<http::server>(executor, routes_of(impl_->all).as_handler(),
                                       http::server_options{.connections = limits::model_connections,
                                                            .client_connections = limits::model_task_connections,
                                                            .bodies_bytes = limits::model_bodies_bytes});
}

gateway::~gateway() {
    close();
}

result<void> gateway::listen(std::filesystem::path path) {
    auto listening = impl_->server->listen_unix(path, 0666);
    if (listening) impl_->all->start("llm settle stale", settle_stale(impl_->all));
    return listening;
}

void gateway::close() {
    impl_->server->close();
    impl_->all->close();
    impl_->all->sessions.clear();
}

void gateway::renew(upstream where) {
    auto& now = impl_->all->where;
    while (where.base_url.ends_with('/'))
        where.base_url.pop_back();
    where.ca_file = now.ca_file;
    impl_->all->keys_before.push_back(now.key);
    bool elsewhere = where.base_url != now.base_url;
    now = std::move(where);
    impl_->all->catalogue.forget(elsewhere);
    impl_->all->dialects.clear();
    ++impl_->all->renewals;
    for (const auto& one :
         impl_->all->sessions) // what the endpoint refused for good, another key or address may be given
        if (one->closed && !one->closed->of_budget()) one->closed.reset();
}

secret gateway::begin(session_spec spec) {
    auto one = std::make_shared<session>(impl_->all->executor);
    one->token = secret(to_hex(random_bytes(32)));
    one->deadline = std::chrono::steady_clock::now() + spec.deadline;
    one->spec = std::move(spec);
    impl_->all->sessions.push_back(one);
    impl_->all->start("llm settle left", settle_left_by(impl_->all, one));
    return one->token;
}

void gateway::end(const secret& token) {
    auto one = find(*impl_->all, token);
    if (!one) return;
    impl_->all->sessions.remove(one);
    for (auto* to : std::set<http::responder*>(one->answering))
        to->abort();
}

void gateway::pause() {
    impl_->all->pause();
}

awaitable<bool> gateway::paused() {
    auto all = impl_->all;
    if (all->paused) all->set_paused(co_await all->books.paused());
    co_return all->paused;
}

awaitable<void> gateway::look_for_pause() {
    auto all = impl_->all;
    if (co_await all->books.paused())
        all->pause();
    else
        all->set_paused(false);
}

awaitable<spent> gateway::spent_by(task_id task) {
    auto all = impl_->all;
    co_return co_await all->books.spent_by(task, all->under_way);
}

last_failure gateway::failure_of(const secret& token) const {
    auto one = find(*impl_->all, token);
    return one ? one->failure : last_failure{};
}

awaitable<std::vector<std::string>> gateway::models() {
    auto all = impl_->all;
    co_return co_await all->catalogue.names();
}

awaitable<model_facts> gateway::facts(std::string model) {
    auto all = impl_->all;
    co_return co_await all->catalogue.facts(std::move(model));
}

} // namespace persais::llm
