#pragma once
#include "forge/client.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace persais::forge {

class requests;

/// What the forges' clients share: one request to a JSON API, authenticated by one header field. None is ever repeated
/// here: who counts them decides that.
class json_api {
public:
    struct reply {
        int status = 0;
        http::headers fields;
        boost::json::value body; // null when the body is not JSON
        /// The body's object when the status is 200; else null.
        const boost::json::object* object() const { return status == 200 ? body.if_object() : nullptr; }
    };

    json_api(std::string root, std::string field, secret value, fetcher fetch);
    /// The only refusals are `unreached` and, for status 401, `wrong_token`.
    awaitable<answer<reply>> get(std::string path) { return send("GET", std::move(path), {}); }
    awaitable<answer<reply>> send(std::string method, std::string path, std::string body);

private:
    std::string root_, field_;
    secret value_;
    fetcher fetch_;
};

/// The refusal for a response without a repository.
std::unexpected<refusal> no_repository(const json_api::reply& came);

std::unique_ptr<client> make_github(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<client> make_gitlab(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<client> make_gitea(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<requests> make_github_requests(const place& at, const secret& token, const fetcher& fetch);
std::unique_ptr<requests> make_gitlab_requests(const place& at, const secret& token, const fetcher& fetch);

} // namespace persais::forge
