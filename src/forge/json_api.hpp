#pragma once
#include "forge/client.hpp"

#include <map>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace persais::forge {

class requests;
class conversations;

/// What the forges' clients share: one request to a JSON API, authenticated by one header field. None is ever repeated
/// here but what was redirected: who counts them decides that.
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
    /// The only refusals are `unreached` and, for status 401, `wrong_token`. A redirect (of a repository that was
    /// renamed or transferred) is followed on the root's own host alone, because the token goes along; another one is
    /// the reply.
    awaitable<answer<reply>> get(std::string path) { return send("GET", std::move(path), {}); }
    awaitable<answer<reply>> send(std::string method, std::string path, std::string body, http::headers more = {});
    /// As get(), for what is asked again and again: what has not changed since is not sent again, and GitHub does not
    /// count it. It is remembered for `forge_remembered` paths.
    awaitable<answer<reply>> get_again(std::string path);
    bool was_redirected() const { return redirected_; }

private:
    struct kept {
        std::string tag;
        reply said;
    };
    std::string root_, field_;
    secret value_;
    fetcher fetch_;
    std::map<std::string, kept> seen_; // by path
    bool redirected_ = false;
};

/// The refusal for a response without a repository.
std::unexpected<refusal> no_repository(const json_api::reply& came);

std::unique_ptr<client> make_github(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<client> make_gitlab(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<client> make_gitea(const place& at, const secret& token, fetcher fetch);
std::unique_ptr<requests> make_github_requests(const place& at, const secret& token, const fetcher& fetch);
std::unique_ptr<conversations> make_github_conversations(const place& at, const secret& token, const fetcher& fetch);
std::unique_ptr<requests> make_gitlab_requests(const place& at, const secret& token, const fetcher& fetch);
std::unique_ptr<requests> make_gitea_requests(const place& at, const secret& token, const fetcher& fetch);

} // namespace persais::forge
