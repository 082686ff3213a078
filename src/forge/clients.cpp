#include "forge/clients.hpp"

#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "forge/limits.hpp"
#include "forge/requests.hpp"

#include <boost/json/parse.hpp>

namespace persais::forge {

json_api::json_api(std::string root, std::string field, secret value, fetcher fetch)
    : root_(std::move(root)), field_(std::move(field)), value_(std::move(value)), fetch_(std::move(fetch)) {}

awaitable<answer<json_api::reply>> json_api::send(std::string method, std::string path, std::string body) {
    http::fetch_spec ask{.method = std::move(method),
                         .url = root_ + path,
                         .fields = {{"User-Agent", "persais"}, {"Accept", "application/json"}},
                         .secret_fields = {{field_, value_}}};
    if (!body.empty()) ask.fields.emplace_back("Content-Type", "application/json");
    ask.body = std::move(body);
    auto got = co_await fetch_(std::move(ask));
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
        break;
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
