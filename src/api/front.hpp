#pragma once
#include "api/operation.hpp"
#include "api/rate.hpp"
#include "http/router.hpp"

#include <set>

namespace persais::api {

/// The routes of the API: who asks, whether the request fits its operation, what came of it. It answers 503 while the
/// service cannot work on tasks.
class front {
public:
    /// `health`: status and JSON. All of it outlives the server that has the routes.
    front(const asio::any_io_executor& executor, const config::settings& settings,
          std::function<std::pair<int, std::string>()> health);
    ~front();

    void add_to(http::router& routes);
    /// From now on requests are answered; `with` lives until close() has returned.
    void open(const dependencies& with);
    /// No request is answered any more; those under way are cut, and waited for.
    awaitable<void> close();

private:
    struct admitted {
        service::caller who;
    };
    class under_way;

    awaitable<result<admitted, http::response>> admit(http::request head, const operation& what);
    awaitable<> run(admitted who, http::call c, http::responder& to, const operation& what);
    awaitable<> answer(admitted who, http::call c, http::responder& to, const operation& what);

    const config::settings& settings_;
    std::function<std::pair<int, std::string>()> health_;
    const dependencies* with_ = nullptr;
    std::set<http::responder*> responders_;
    int under_way_ = 0;
    event changed_;
    rate requests_, failures_;
};

/// A request as its operation wants it, or the answer that says why it is none.
result<asked, http::response> asked_of(const dependencies& with, service::caller who, const http::call& c,
                                       const operation& what, bool russian);
/// Whether whoever asks reads Russian first (Accept-Language).
bool reads_russian(const http::headers& fields);

} // namespace persais::api
