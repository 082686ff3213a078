#include "forge/clients.hpp"

#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "forge/limits.hpp"
#include "forge/requests.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace persais::forge {

json_api::json_api(std::string root, std::string field, secret value, fetcher fetch)
    : root_(std::move(root)), field_(std::move(field)), value_(std::move(value)), fetch_(std::move(fetch)) {}

namespace {

bool is_redirect(int status) {
    constexpr int moved = 301, found = 302, temporary = 307, permanent = 308;
    return status == moved || status == found || status == temporary || status == permanent;
}

/// The address of a redirect that stays at the root's scheme, host and port. Empty: the token does not go there.
std::string followed(const std::string& root, std::string_view location) {
    auto from = parse_url(root);
    if (from && location.starts_with('/') && !location.starts_with("//"))
        return fmt::format("{}://{}{}", from->scheme, from->authority, location);
    auto to = parse_url(location);
    if (!from || !to || to->user) return {};
    bool same = lower_case(from->scheme) == lower_case(to->scheme) &&
                lower_case(from->host_and_port) == lower_case(to->host_and_port);
    return same ? std::string(location) : std::string();
}

} // namespace

awaitable<answer<json_api::reply>> json_api::send(std::string method, std::string path, std::string body,
                                                  http::headers more) {
    http::fetch_spec ask{.method = std::move(method),
                         .url = root_ + path,
                         .fields = {{"User-Agent", "persais"}, {"Accept", "application/json"}},
                         .secret_fields = {{field_, value_}}};
    if (!body.empty()) ask.fields.emplace_back("Content-Type", "application/json");
    for (auto& field : more)
        ask.fields.push_back(std::move(field));
    ask.body = std::move(body);
    auto got = co_await fetch_(ask);
    for (int hops = 0; got && is_redirect(got->status) && hops < limits::forge_redirects; ++hops) {
        ask.url = followed(root_, http::header(got->fields, "Location"));
        if (ask.url.empty()) break;
        redirected_ = true;
        got = co_await fetch_(ask);
    }
    if (!got) co_return std::unexpected(refusal{refusal::kind::unreached, got.error().sentence});
    constexpr int unauthorized = 401;
    if (got->status == unauthorized) co_return std::unexpected(refusal{refusal::kind::wrong_token, {}, got->status});
    reply came{.status = got->status, .fields = std::move(got->fields), .body = nullptr};
    boost::system::error_code no_json;
    boost::json::parse_options shallow;
    shallow.max_depth = limits::forge_json_depth;
    auto value = boost::json::parse(got->body, no_json, {}, shallow);
    if (!no_json) came.body = std::move(value);
    co_return came;
}

awaitable<answer<json_api::reply>> json_api::get_again(std::string path) {
    constexpr int unchanged = 304;
    auto known = seen_.find(path);
    http::headers more;
    if (known != seen_.end()) more.emplace_back("If-None-Match", known->second.tag);
    auto came = co_await send("GET", path, {}, std::move(more));
    if (!came) co_return came;
    if (known = seen_.find(path); came->status == unchanged && known != seen_.end()) co_return known->second.said;
    auto tag = std::string(http::header(came->fields, "ETag"));
    if (seen_.size() >= limits::forge_remembered) seen_.clear();
    constexpr int ok = 200;
    if (came->status == ok && !tag.empty()) seen_[path] = {std::move(tag), *came};
    co_return came;
}

std::unexpected<refusal> no_repository(const json_api::reply& came) {
    return std::unexpected(refusal{refusal::kind::no_repository, {}, came.status});
}

std::unique_ptr<client> make_client(place at, secret token, fetcher fetch) {
    switch (at.kind) {
    case kind::github:
        return make_github(at, token, std::move(fetch));
    case kind::gitlab:
        return make_gitlab(at, token, std::move(fetch));
    case kind::gitea:
        return make_gitea(at, token, std::move(fetch));
    }
    return nullptr;
}

std::unique_ptr<requests> make_requests(place at, const secret& token, fetcher fetch) {
    switch (at.kind) {
    case kind::github:
        return make_github_requests(at, token, fetch);
    case kind::gitlab:
        return make_gitlab_requests(at, token, fetch);
    case kind::gitea:
        return make_gitea_requests(at, token, fetch);
    }
    return nullptr;
}

std::optional<place> with_api(place at, std::string api) {
    if (api.empty()) return at;
    if (is_open_http(api)) return std::nullopt;
    while (api.ends_with('/'))
        api.pop_back();
    at.api = std::move(api);
    return at;
}

} // namespace persais::forge
