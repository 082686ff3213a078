#include "forge/github_repository.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/limits.hpp"

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr int ok = 200, created = 201, accepted = 202, no_content = 204;

/// Where GraphQL is: beside the REST API of github.com, and beside its version at an own server.
std::string graphql_of(const std::string& api) {
    constexpr std::string_view version = "/v3";
    return api.ends_with(version) ? api.substr(0, api.size() - version.size()) + "/graphql" : api + "/graphql";
}

std::string owner_in(const std::string& path) {
    return path.substr(0, path.find('/'));
}

} // namespace

github_repository::github_repository(const place& at, const secret& authorization, const fetcher& fetch)
    : path_(at.path), repository_("/repos/" + percent_encoded(at.path, path_characters)), owner_(owner_in(at.path)),
      api_(at.api, "Authorization", authorization, fetch),
      graphql_(graphql_of(at.api), "Authorization", authorization, fetch) {}

awaitable<outcome<json_api::reply>> github_repository::settle(answer<json_api::reply> came, std::string doing) const {
    if (!came) co_return std::unexpected(trouble_of(came.error()));
    if (came->status != ok && came->status != created && came->status != accepted && came->status != no_content)
        co_return std::unexpected(trouble_in(*came, doing));
    co_return std::move(*came);
}

awaitable<outcome<json_api::reply>> github_repository::answer_to(std::string method, std::string path,
                                                                 json::object body) {
    auto came =
        co_await api_.send(std::move(method), repository_ + path, body.empty() ? std::string() : json::serialize(body));
    if (!came) co_return std::unexpected(trouble_of(came.error()));
    co_return std::move(*came);
}

awaitable<outcome<json_api::reply>> github_repository::ask(std::string method, std::string path, json::object body,
                                                           std::string doing) {
    auto came = co_await answer_to(std::move(method), std::move(path), std::move(body));
    if (!came) co_return came;
    co_return co_await settle(std::move(*came), std::move(doing));
}

awaitable<outcome<json::value>> github_repository::maybe(std::string path) {
    auto came = co_await ask("GET", std::move(path), {}, told<"show what it requires", "показать требования">());
    if (came) co_return std::move(came->body);
    if (came.error().what == trouble::kind::away) co_return std::unexpected(std::move(came.error()));
    co_return json::value();
}

namespace {

const json::array* list_in(const json::value& body, std::string_view member) {
    if (member.empty()) return body.if_array();
    return body.is_object() ? array_in(body.get_object(), member) : nullptr;
}

} // namespace

awaitable<outcome<json::array>> github_repository::look(std::string path, std::string member, std::string doing) {
    auto came = co_await settle(co_await api_.get_again(repository_ + path), std::move(doing));
    if (!came) co_return std::unexpected(std::move(came.error()));
    const auto* list = list_in(came->body, member);
    co_return list ? *list : json::array();
}

awaitable<outcome<json::array>> github_repository::all_of(std::string path, std::string member) {
    json::array all;
    for (int page = 1; page <= limits::forge_pages; ++page) {
        auto came = co_await maybe(fmt::format("{}&page={}", path, page));
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* list = list_in(*came, member);
        if (!list || list->empty()) break;
        all.insert(all.end(), list->begin(), list->end());
        constexpr std::size_t whole_page = 100;
        if (list->size() < whole_page) break;
    }
    co_return all;
}

awaitable<outcome<json::object>> github_repository::graphql(std::string query, json::object variables,
                                                            std::string doing) {
    json::object body{{"query", std::move(query)}, {"variables", std::move(variables)}};
    auto came = co_await graphql_.send("POST", "", json::serialize(body));
    if (!came) co_return std::unexpected(trouble_of(came.error()));
    const auto* answer = came->object();
    const auto* data = answer && !answer->contains("errors") ? object_in(*answer, "data") : nullptr;
    if (!data) co_return std::unexpected(trouble_in(*came, doing));
    co_return *data;
}

awaitable<outcome<bool>> github_repository::follow() {
    if (!api_.was_redirected() || followed_) co_return false;
    auto came = co_await ask("GET", "", {}, told<"show the repository", "показать репозиторий">());
    if (!came) co_return std::unexpected(std::move(came.error()));
    followed_ = true;
    auto name = came->body.is_object() ? text_in(came->body.get_object(), "full_name") : std::string();
    name = text::cut(text::printable(name), limits::forge_words_bytes);
    if (!name.contains('/') || name == path_) co_return false;
    notice_ = told<"GitHub has {} as {} now: change the address of the repository.",
                   "На GitHub {} теперь называется {}: измените адрес репозитория.">(path_, name);
    bool other = owner_in(name) != owner_;
    path_ = name;
    owner_ = owner_in(name);
    repository_ = "/repos/" + percent_encoded(name, path_characters);
    co_return other;
}

} // namespace persais::forge
