// GitHub's pull requests, by its REST API; a draft can be ended by its GraphQL API only.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr int ok = 200, created = 201, no_content = 204;

/// Where GraphQL is: beside the REST API of github.com, and beside its version at an own server.
std::string graphql_of(const std::string& api) {
    constexpr std::string_view version = "/v3";
    return api.ends_with(version) ? api.substr(0, api.size() - version.size()) + "/graphql" : api + "/graphql";
}

class github_requests final : public requests {
public:
    github_requests(const place& at, const secret& authorization, const fetcher& fetch)
        : repository_("/repos/" + percent_encoded(at.path, path_characters)),
          owner_(at.path.substr(0, at.path.find('/'))), api_(at.api, "Authorization", authorization, fetch),
          graphql_(graphql_of(at.api), "Authorization", authorization, fetch) {}

    std::string_view name() const override { return name_of(kind::github); }
    readiness readiness_of(const request& which) const override { return forge::readiness_of(which); }

    awaitable<outcome<std::vector<request>>> of_branch(std::string branch, std::string base) override {
        auto came = co_await ask("GET",
                                 fmt::format("/pulls?state=all&sort=created&direction=desc&head={}&base={}",
                                             percent_encoded(owner_ + ":" + branch), percent_encoded(base)),
                                 {}, told<"list its pull requests", "показать pull requests">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        std::vector<request> all;
        if (const auto* list = came->body.if_array())
            for (const auto& each : *list)
                if (each.is_object()) all.push_back(request_in(each.get_object()));
        co_return all;
    }

    awaitable<outcome<request>> open(new_request what) override {
        json::object body{{"title", what.title}, {"head", what.branch}, {"base", what.base}, {"body", what.body}};
        if (what.draft) body["draft"] = true;
        auto came =
            co_await ask("POST", "/pulls", std::move(body), told<"open a pull request", "открыть pull request">());
        co_return one(std::move(came));
    }

    awaitable<outcome<request>> read(int number) override {
        co_return one(co_await ask("GET", fmt::format("/pulls/{}", number), {},
                                   told<"show its pull request", "показать pull request">()));
    }

    awaitable<outcome<void>> end_draft(request which) override {
        const auto doing = told<"mark its pull request as ready", "пометить pull request готовым">();
        json::object body{{"query", "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) "
                                    "{ pullRequest { isDraft } } }"},
                          {"variables", {{"id", which.id}}}};
        auto came = co_await graphql_.send("POST", "", json::serialize(body));
        if (!came) co_return std::unexpected(trouble_of(came.error()));
        const auto* answer = came->object();
        // GraphQL answers 200 to what it refuses, too.
        if (!answer || answer->contains("errors")) co_return std::unexpected(trouble_in(*came, doing));
        co_return outcome<void>{};
    }

    awaitable<outcome<std::string>> tip_of(std::string branch) override {
        auto came = co_await branch_named(branch);
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* commit = came->body.is_object() ? object_in(came->body.get_object(), "commit") : nullptr;
        co_return commit ? text_in(*commit, "sha") : std::string();
    }

    awaitable<outcome<obstacle>> obstacle_to(request which, std::string base, time_point now) override {
        gate asks;
        auto branch = co_await branch_named(base);
        if (!branch) co_return std::unexpected(std::move(branch.error()));
        if (const auto* body = branch->body.if_object()) require_by_branch(asks, *body);
        auto rules = co_await maybe("/rules/branches/" + percent_encoded(base));
        if (!rules) co_return std::unexpected(std::move(rules.error()));
        if (const auto* list = rules->if_array()) require_by_rules(asks, *list);

        auto runs = co_await all_of(fmt::format("/commits/{}/check-runs?per_page=100", which.head), "check_runs");
        if (!runs) co_return std::unexpected(std::move(runs.error()));
        auto statuses = co_await all_of(fmt::format("/commits/{}/status?per_page=100", which.head), "statuses");
        if (!statuses) co_return std::unexpected(std::move(statuses.error()));
        auto reviews = co_await all_of(fmt::format("/pulls/{}/reviews?per_page=100", which.number), "");
        if (!reviews) co_return std::unexpected(std::move(reviews.error()));
        auto held = co_await all_of(
            fmt::format("/actions/runs?head_sha={}&status=action_required&per_page=1", which.head), "workflow_runs");
        if (!held) co_return std::unexpected(std::move(held.error()));
        std::string page;
        if (!held->empty() && held->front().is_object()) page = text_in(held->front().get_object(), "html_url");
        co_return obstacle_in(asks, checks_in(*runs, *statuses), reviews_in(*reviews), page, now);
    }

    awaitable<outcome<std::vector<std::string>>> ways_to_merge() override {
        auto came = co_await ask("GET", "", {}, told<"show the repository", "показать репозиторий">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        std::vector<std::string> ways;
        const auto* body = came->body.if_object();
        // Best first: what leaves the approved commit as it is, then what keeps one commit for each of the task's.
        for (auto [way, allowed] : {std::pair{"merge", "allow_merge_commit"},
                                    {"rebase", "allow_rebase_merge"},
                                    {"squash", "allow_squash_merge"}})
            if (body && (!body->contains(allowed) || flag_in(*body, allowed))) ways.emplace_back(way);
        co_return ways;
    }

    awaitable<outcome<std::string>> merge(request which, std::string way) override {
        auto came = co_await ask("PUT", fmt::format("/pulls/{}/merge", which.number),
                                 {{"sha", which.head}, {"merge_method", way}},
                                 told<"merge its pull request", "слить pull request">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        co_return body ? text_in(*body, "sha") : std::string();
    }

private:
    awaitable<outcome<json_api::reply>> ask(std::string method, std::string path, json::object body,
                                            std::string doing) {
        auto came = co_await api_.send(std::move(method), repository_ + path,
                                       body.empty() ? std::string() : json::serialize(body));
        if (!came) co_return std::unexpected(trouble_of(came.error()));
        if (came->status != ok && came->status != created && came->status != no_content)
            co_return std::unexpected(trouble_in(*came, doing));
        co_return std::move(*came);
    }

    awaitable<outcome<json_api::reply>> branch_named(std::string branch) {
        co_return co_await ask("GET", "/branches/" + percent_encoded(branch), {},
                               told<"show the branch", "показать ветку">());
    }

    static outcome<request> one(outcome<json_api::reply> came) {
        if (!came) return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        if (body && whole_in(*body, "number").value_or(0) > 0) return request_in(*body);
        return std::unexpected(
            trouble{trouble::kind::away, told<"GitHub's answer is no pull request; it is asked again.",
                                              "Ответ GitHub — не pull request; запрос повторится.">()});
    }

    /// What not each server has and not each token may see: null then.
    awaitable<outcome<json::value>> maybe(std::string path) {
        auto came = co_await ask("GET", std::move(path), {}, told<"show what it requires", "показать требования">());
        if (came) co_return std::move(came->body);
        if (came.error().what == trouble::kind::away) co_return std::unexpected(std::move(came.error()));
        co_return json::value();
    }

    /// A list, page by page; `member`: of the answer's object, "" for an answer that is the list.
    awaitable<outcome<json::array>> all_of(std::string path, std::string member) {
        json::array all;
        for (int page = 1; page <= limits::forge_pages; ++page) {
            auto came = co_await maybe(fmt::format("{}&page={}", path, page));
            if (!came) co_return std::unexpected(std::move(came.error()));
            const auto* list = member.empty()      ? came->if_array()
                               : came->is_object() ? array_in(came->get_object(), member)
                                                   : nullptr;
            if (!list || list->empty()) break;
            all.insert(all.end(), list->begin(), list->end());
            constexpr std::size_t whole_page = 100;
            if (list->size() < whole_page) break;
        }
        co_return all;
    }

    std::string repository_, owner_;
    json_api api_, graphql_;
};

} // namespace

std::unique_ptr<requests> make_github_requests(const place& at, const secret& token, const fetcher& fetch) {
    return std::make_unique<github_requests>(at, around("Bearer ", token), fetch);
}

} // namespace persais::forge
