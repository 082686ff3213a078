#pragma once
#include "http/route_table.hpp"
#include "http/server.hpp"

#include <functional>

namespace persais::http {

struct route {
    std::string method; // "GET" answers HEAD too
    std::string pattern;
    std::size_t body_bytes = limits::route_body_bytes; // more: 413
    /// For authentication, and then again from the whole request to the begin of the answer; then 503. nullopt: the
    /// handler has a limit of its own.
    std::optional<std::chrono::milliseconds> deadline = limits::route_deadline;
    std::size_t at_once = limits::route_at_once; // requests, from their heads to the ends of their answers; more: 503
    std::string counted_as = pattern;            // for `router::answered`
    bool first = false;                          // as server_options::first; for a pattern without parameters
};

/// What a handler is given beside who asks.
struct call {
    request asked; // its body too
    path_parameters path;
};

/// Who may use a route. `check` sees a request's head before any of the body is read, and returns who asks, or the
/// answer that turns them away. It is copied with its routes.
template <class Who>
struct authenticator {
    std::string name;
    std::function<awaitable<result<Who, response>>(request)> check;
};

/// Of a route that anybody may use. Each route says who may.
struct no_authentication {};

/// Routes and what they come to, as the handler of a server. In this order: 400, 404 and 405 (with Allow) by
/// `route_table`; authentication; 503 when too many are under way, or half of those that may be are of one client that
/// was not asked who it is; the body, or 413; the handler.
class router {
public:
    template <class... Arguments>
    using whole = std::function<awaitable<response>(Arguments...)>;
    /// Writes as long as it likes once it has begun: a slow reader holds it up at each write, one that leaves cancels
    /// it. The responder lives until it returns.
    template <class... Arguments>
    using streaming = std::function<awaitable<>(Arguments..., responder&)>;
    /// Told of each answer, but not of clients that left before it: the route's `counted_as` or "other", the method,
    /// the status, the time from the head to the end of the answer.
    using observer = std::function<void(std::string_view, std::string_view, int, std::chrono::steady_clock::duration)>;

    router();

    /// Throws std::invalid_argument as route_table::add does.
    void add(route where, no_authentication, whole<call> answer);
    void add(route where, no_authentication, streaming<call> answer);
    template <class Who>
    void add(route where, authenticator<Who> who, std::type_identity_t<whole<Who, call>> answer) {
        add(std::move(where), std::move(who), streaming<Who, call>([answer](Who asks, call c, responder& to) {
                return send(answer(std::move(asks), std::move(c)), to);
            }));
    }
    template <class Who>
    void add(route where, authenticator<Who> who, std::type_identity_t<streaming<Who, call>> answer) {
        admit(std::move(where), std::move(who.name),
              [check = std::move(who.check), answer = std::move(answer)](request head) {
                  return bind_to<Who>(check(std::move(head)), answer);
              });
    }

    void answered(observer told);
    /// How the router's own refusals (400, 404, 405, 413, 503) look below this path: from the head, the status and the
    /// sentence. The header Allow is added to it.
    using refusing = std::function<response(const request&, int, std::string)>;
    void refuse_below(std::string path, refusing how);
    /// Method, pattern and authenticator ("" is nobody's) of each route.
    struct listed {
        std::string method, pattern, authentication;
    };
    std::vector<listed> routes() const;

    /// Shares the routes: what is added later is there too.
    handler as_handler() const;
    /// The requests to the routes that are `first`, for server_options.
    std::function<bool(const request&)> firsts() const;

private:
    struct state;
    using admission = std::function<awaitable<result<streaming<call>, response>>(request)>;

    void admit(route where, std::string authentication, admission open);
    static awaitable<> send(awaitable<response> answer, responder& to);
    template <class Who>
    static awaitable<result<streaming<call>, response>> bind_to(awaitable<result<Who, response>> check,
                                                                streaming<Who, call> answer) {
        auto who = co_await std::move(check);
        if (!who) co_return std::unexpected(std::move(who.error()));
        co_return [answer, who = std::move(*who)](call c, responder& to) { return answer(who, std::move(c), to); };
    }

    std::shared_ptr<state> state_;
};

} // namespace persais::http
