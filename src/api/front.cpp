#include "api/front.hpp"

#include "api/limits.hpp"
#include "api/openapi.hpp"
#include "api/problem.hpp"
#include "base/told.hpp"
#include "service/api_tokens.hpp"

#include <spdlog/spdlog.h>

namespace persais::api {

namespace {

http::response not_now(bool russian) {
    return problem(503,
                   told<"The service cannot work on tasks just now: try again in a few seconds.",
                        "Сервис сейчас не может работать с задачами: повторите через несколько секунд.">(),
                   russian, "not_now");
}

http::response too_often(bool russian) {
    return problem(429, told<"Too many requests: wait a few seconds.", "Слишком много запросов: подождите.">(), russian,
                   "too_often");
}

http::response no_token(bool russian) {
    return problem(401,
                   told<"A token is needed that is valid: Authorization: Bearer, and what `persais token add` showed.",
                        "Нужен действующий токен: Authorization: Bearer и то, что показала `persais token add`.">(),
                   russian, "no_token");
}

awaitable<> send(http::responder& to, http::response r) {
    co_await to.send(r.status, std::move(r.fields), std::move(r.body));
}

std::string_view bearer(const http::headers& fields) {
    auto text = http::header(fields, "Authorization");
    for (std::string_view word : {"Bearer ", "bearer "})
        if (text.starts_with(word)) return text.substr(word.size());
    return {};
}

} // namespace

/// Work with what open() was given, which lives as long as there is any.
class front::under_way {
public:
    explicit under_way(front& of) : of_(of) { ++of_.under_way_; }
    ~under_way() {
        --of_.under_way_;
        of_.changed_.set();
    }
    under_way(const under_way&) = delete;

private:
    front& of_;
};

front::front(const asio::any_io_executor& executor, const config::settings& settings,
             std::function<std::pair<int, std::string>()> health)
    : settings_(settings), health_(std::move(health)), changed_(executor),
      requests_(limits::api_requests_burst, limits::api_requests_second, limits::api_buckets),
      failures_(limits::api_failures_burst, 1.0 / std::chrono::seconds(limits::api_failure_every).count(),
                limits::api_buckets) {}

front::~front() = default;

void front::open(const dependencies& with) {
    with_ = &with;
}

awaitable<void> front::close() {
    with_ = nullptr;
    auto all = responders_; // each leaves the set as it ends
    for (auto* each : all)
        each->abort();
    while (under_way_ > 0) {
        changed_.reset();
        co_await changed_.wait();
    }
}

/// Who asks, by their token; each answer that turns somebody away is a problem document.
awaitable<result<front::admitted, http::response>> front::admit(http::request head, const operation& what) {
    bool russian = reads_russian(head.fields);
    auto now = std::chrono::steady_clock::now();
    auto shown = bearer(head.fields);
    if (!failures_.would_take(head.client, now)) co_return std::unexpected(too_often(russian));
    if (!service::has_form_of_api_token(shown)) {
        if (!shown.empty()) failures_.take(head.client, now);
        co_return std::unexpected(no_token(russian));
    }
    if (!with_) co_return std::unexpected(not_now(russian));
    under_way here(*this);
    std::optional<service::caller> who;
    bool away = false;
    try {
        who = co_await service::caller_with(with_->db, settings_, secret(std::string(shown)));
    } catch (const store::db_error& e) {
        spdlog::warn("a token could not be looked for: {}", e.what());
        away = true;
    }
    if (away) co_return std::unexpected(not_now(russian));
    if (!who) {
        failures_.take(head.client, now);
        co_return std::unexpected(no_token(russian));
    }
    if (!requests_.take(std::to_string(who->token), now)) co_return std::unexpected(too_often(russian));
    if (!who->scopes.contains(what.needs))
        co_return std::unexpected(problem(
            403, told<"The token has not the scope '{}'.", "У токена нет области «{}».">(service::name_of(what.needs)),
            russian, "scope"));
    co_return admitted{std::move(*who)};
}

awaitable<> front::answer(admitted who, http::call c, http::responder& to, const operation& what) {
    bool russian = reads_russian(c.asked.fields);
    auto request = asked_of(*with_, std::move(who.who), c, what, russian);
    if (!request) {
        co_await send(to, std::move(request.error()));
        co_return;
    }
    bool away = false;
    try {
        if (what.streams)
            co_await what.streams(*request, to);
        else
            co_await send(to, co_await what.answers(*request));
    } catch (const store::db_error& e) {
        spdlog::warn("{}: {}", what.id, e.what());
        away = true;
    }
    if (!away) co_return;
    if (to.begun())
        to.abort(); // a stream, which goes on elsewhere
    else
        co_await send(to, not_now(russian));
}

awaitable<> front::run(admitted who, http::call c, http::responder& to, const operation& what) {
    if (!with_) {
        co_await send(to, not_now(reads_russian(c.asked.fields)));
        co_return;
    }
    under_way here(*this);
    struct listed {
        std::set<http::responder*>& all;
        http::responder* one;
        listed(std::set<http::responder*>& in, http::responder* mine) : all(in), one(mine) { all.insert(one); }
        ~listed() { all.erase(one); }
        listed(const listed&) = delete;
    } cut_at_the_end(responders_, &to);
    co_await answer(std::move(who), std::move(c), to, what);
}

void front::add_to(http::router& routes) {
    for (const auto& each : operations()) {
        const auto* what = &each;
        http::route where{.method = std::string(each.method),
                          .pattern = std::string(root) + std::string(each.path),
                          .body_bytes = limits::api_body_bytes,
                          .at_once = each.streams ? limits::api_streams : limits::api_at_once};
        http::authenticator<admitted> by_token{
            "a token's scope " + std::string(service::name_of(each.needs)),
            [this, what](http::request head) { return admit(std::move(head), *what); }};
        routes.add(std::move(where), std::move(by_token),
                   http::router::streaming<admitted, http::call>(
                       [this, what](admitted who, http::call c, http::responder& to) {
                           return run(std::move(who), std::move(c), to, *what);
                       }));
    }
    routes.add({.method = "GET", .pattern = std::string(root) + "/health", .body_bytes = 0}, http::no_authentication{},
               [this](http::call) -> awaitable<http::response> {
                   auto [status, text] = health_();
                   http::response r{
                       status, {{"Content-Type", json_type}, {"Cache-Control", "no-store"}}, std::move(text)};
                   if (status == 503)
                       r.fields.emplace_back("Retry-After", std::to_string(limits::http_retry_after.count()));
                   co_return r;
               });
    routes.add({.method = "GET", .pattern = "/api/openapi.json", .body_bytes = 0}, http::no_authentication{},
               [](http::call) -> awaitable<http::response> {
                   co_return http::response{200, {{"Content-Type", json_type}}, openapi_text()};
               });
    // The answers of the router itself, to what is no operation.
    routes.refuse_below("/api/", [](const http::request& head, int status, std::string sentence) {
        return problem(status, std::move(sentence), reads_russian(head.fields));
    });
}

} // namespace persais::api
