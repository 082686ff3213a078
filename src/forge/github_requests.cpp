// GitHub's pull requests, by its REST API; a draft can be ended by its GraphQL API only.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/github_deployments.hpp"
#include "forge/github_merging.hpp"
#include "forge/github_repository.hpp"
#include "forge/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

class github_requests final : public requests {
public:
    github_requests(const place& at, const secret& authorization, const fetcher& fetch)
        : repository_(at, authorization, fetch) {}

    std::string_view name() const override { return name_of(kind::github); }
    readiness readiness_of(const request& which) const override { return forge::readiness_of(which); }

    awaitable<outcome<std::vector<request>>> of_branch(std::string branch, std::string base) override {
        auto came = co_await list(branch, base);
        if (!came) co_return std::unexpected(std::move(came.error()));
        // The filter names the owner, whom a transferred repository has no more.
        auto other = co_await repository_.follow();
        if (!other) co_return std::unexpected(std::move(other.error()));
        if (*other) came = co_await list(branch, base);
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
        auto came = co_await repository_.ask("POST", "/pulls", std::move(body),
                                             told<"open a pull request", "открыть pull request">());
        co_return one(std::move(came));
    }

    awaitable<outcome<request>> read(int number) override {
        co_return one(co_await repository_.ask("GET", fmt::format("/pulls/{}", number), {},
                                               told<"show its pull request", "показать pull request">()));
    }

    awaitable<outcome<void>> end_draft(request which) override {
        auto done = co_await repository_.graphql(
            "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } "
            "} }",
            {{"id", which.id}}, told<"mark its pull request as ready", "пометить pull request готовым">());
        if (!done) co_return std::unexpected(std::move(done.error()));
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
        auto rules = co_await repository_.maybe("/rules/branches/" + percent_encoded(base));
        if (!rules) co_return std::unexpected(std::move(rules.error()));
        if (const auto* list = rules->if_array()) require_by_rules(asks, *list);

        auto runs =
            co_await repository_.all_of(fmt::format("/commits/{}/check-runs?per_page=100", which.head), "check_runs");
        if (!runs) co_return std::unexpected(std::move(runs.error()));
        auto statuses =
            co_await repository_.all_of(fmt::format("/commits/{}/status?per_page=100", which.head), "statuses");
        if (!statuses) co_return std::unexpected(std::move(statuses.error()));
        auto reviews = co_await repository_.all_of(fmt::format("/pulls/{}/reviews?per_page=100", which.number), "");
        if (!reviews) co_return std::unexpected(std::move(reviews.error()));
        auto held = co_await repository_.all_of(
            fmt::format("/actions/runs?head_sha={}&status=action_required&per_page=1", which.head), "workflow_runs");
        if (!held) co_return std::unexpected(std::move(held.error()));
        std::string page;
        if (!held->empty() && held->front().is_object()) page = text_in(held->front().get_object(), "html_url");
        co_return obstacle_in(asks, checks_in(*runs, *statuses), reviews_in(*reviews), page, now);
    }

    awaitable<outcome<std::vector<std::string>>> ways_to_merge() override {
        auto came = co_await repository_.ask("GET", "", {}, told<"show the repository", "показать репозиторий">());
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
        return merge_at_once(repository_, std::move(which), std::move(way));
    }
    awaitable<outcome<merging>> begin_merge(request which, std::string way) override {
        return begin_merge_at(repository_, std::move(which), std::move(way));
    }
    awaitable<outcome<merging>> merging_of(request which, std::string id) override {
        return merging_at(repository_, std::move(which), std::move(id));
    }
    awaitable<outcome<queue_place>> place_in_queue(request which) override {
        return place_in_queue_at(repository_, std::move(which));
    }
    awaitable<outcome<void>> enqueue(request which) override { return enqueue_at(repository_, std::move(which)); }
    awaitable<outcome<void>> leave_queue(request which) override {
        return leave_queue_at(repository_, std::move(which));
    }

    awaitable<outcome<void>> close(int number) override {
        return set_state(number, "closed", told<"close its pull request", "закрыть pull request">());
    }
    awaitable<outcome<void>> reopen(int number) override {
        return set_state(number, "open", told<"open its pull request again", "снова открыть pull request">());
    }

    awaitable<outcome<void>> comment(int number, std::string text, std::string mark) override {
        const auto place = fmt::format("/issues/{}/comments", number);
        const auto hidden = fmt::format("<!-- persais:{} -->", mark);
        auto all = co_await repository_.all_of(place + "?per_page=100", "");
        if (!all) co_return std::unexpected(std::move(all.error()));
        for (const auto& each : *all)
            if (each.is_object() && text_in(each.get_object(), "body").contains(hidden)) co_return outcome<void>{};
        auto came = co_await repository_.ask("POST", place, {{"body", fmt::format("{}\n\n{}\n", text, hidden)}},
                                             told<"comment on its pull request", "оставить комментарий">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return outcome<void>{};
    }

    bool tells_deployments() const override { return true; }
    awaitable<outcome<deployment_seen>> deployment_of(deployment_question about) override {
        return deployment_at(repository_, std::move(about));
    }

    std::string take_notice() override { return repository_.take_notice(); }

private:
    awaitable<outcome<void>> set_state(int number, std::string state, std::string doing) {
        auto came =
            co_await repository_.ask("PATCH", fmt::format("/pulls/{}", number), {{"state", state}}, std::move(doing));
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return outcome<void>{};
    }

    awaitable<outcome<json_api::reply>> list(std::string branch, std::string base) {
        co_return co_await repository_.ask("GET",
                                           fmt::format("/pulls?state=all&sort=created&direction=desc&head={}&base={}",
                                                       percent_encoded(repository_.owner() + ":" + branch),
                                                       percent_encoded(base)),
                                           {}, told<"list its pull requests", "показать pull requests">());
    }

    awaitable<outcome<json_api::reply>> branch_named(std::string branch) {
        co_return co_await repository_.ask("GET", "/branches/" + percent_encoded(branch), {},
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

    github_repository repository_;
};

} // namespace

std::unique_ptr<requests> make_github_requests(const place& at, const secret& token, const fetcher& fetch) {
    return std::make_unique<github_requests>(at, around("Bearer ", token), fetch);
}

} // namespace persais::forge
