#pragma once
#include "base/clock.hpp"
#include "http/handler.hpp"
#include "llm/types.hpp"
#include "queue/tasks.hpp"
#include "service/caller_tasks.hpp"
#include "service/diffs.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace persais::api {

class event_hub;

/// What the operations need of the service, while it can work on tasks. All of it outlives the requests.
struct dependencies {
    store::pool& db;
    const config::settings& settings;
    queue::requests& requests;
    service::tasks& rules;
    service::caller_tasks& tasks;
    service::diffs& diffs;
    event_hub& events;
    std::function<awaitable<llm::spent>(task_id)> spent;
};

/// One request that fits its operation's schemas, of somebody whose token has its scope.
struct asked {
    const dependencies& with;
    service::caller who;
    boost::json::object given; // parameters by name: of the path, the query and the header
    boost::json::object body;
    std::string digest; // of all that it says, in hex
    bool russian = false;

    std::string text(std::string_view name) const;
    std::optional<std::string> maybe(std::string_view name) const;
    task_id task() const;
    /// From the header Idempotency-Key.
    std::optional<service::request_key> key() const;
};

struct parameter {
    enum class place { path, query, header } in;
    std::string_view name;
    std::string_view schema; // JSON
    std::string_view about;
};

/// One operation of the API: from this row comes how it is routed, who may use it, what is refused, and what the
/// document of OpenAPI says.
struct operation {
    std::string_view id, method, path; // below /api/v1
    service::scope needs = service::scope::read;
    std::string_view about;
    std::vector<parameter> parameters = {};
    std::string_view body = {}; // its schema's name; empty: there is none
    int success = 200;
    std::string_view answer = {}; // its schema's name; or a media type
    awaitable<http::response> (*answers)(asked&) = nullptr;
    awaitable<> (*streams)(asked&, http::responder&) = nullptr; // instead: writes as long as it likes
};

/// All of them.
std::span<const operation> operations();

http::response json_response(int status, const boost::json::value& body);

} // namespace persais::api
