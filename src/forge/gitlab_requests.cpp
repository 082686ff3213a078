// GitLab's merge requests, by its REST API of version 4.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "forge/gitlab_answers.hpp"
#include "forge/limits.hpp"
#include "forge/reply_trouble.hpp"

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr int not_found = 404, not_allowed = 405, conflict = 409;
constexpr std::string_view squashed = "squash", by_train = "train", squashed_by_train = "train, squash";

bool is_good(int status) {
    constexpr int good = 200, after = 300;
    return status >= good && status < after;
}

class gitlab_requests final : public requests {
public:
    gitlab_requests(const place& at, const secret& token, const fetcher& fetch)
        : words_{name_of(kind::gitlab), told<"It needs scope `api` and role Developer, or the role that may merge into "
                                             "the base branch.",
                                             "Ему нужны право `api` и роль Developer или та, которой можно сливать в "
                                             "основную ветку.">()},
          project_("/projects/" + percent_encoded(at.path)), api_(at.api, "PRIVATE-TOKEN", token, fetch) {}

    std::string_view name() const override { return words_.name; }
    readiness readiness_of(const request& which) const override { return gitlab::readiness_of(which); }

    awaitable<outcome<std::vector<request>>> of_branch(std::string branch, std::string base) override {
        auto came = co_await ask("GET",
                                 fmt::format("/merge_requests?state=all&order_by=created_at&sort=desc&per_page=100"
                                             "&source_branch={}&target_branch={}",
                                             percent_encoded(branch), percent_encoded(base)),
                                 {}, told<"list its merge requests", "показать merge requests">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        std::vector<request> all;
        if (const auto* list = came->body.if_array())
            for (const auto& each : *list)
                if (each.is_object() && gitlab::is_of_the_project(each.get_object()))
                    all.push_back(gitlab::request_in(each.get_object()));
        co_return all;
    }

    awaitable<outcome<request>> open(new_request what) override {
        auto came = co_await ask("POST", "/merge_requests",
                                 {{"source_branch", what.branch},
                                  {"target_branch", what.base},
                                  {"title", (what.draft ? "Draft: " : "") + what.title},
                                  {"description", what.body}},
                                 told<"open a merge request", "открыть merge request">());
        co_return one(std::move(came));
    }

    awaitable<outcome<request>> read(int number) override {
        co_return one(co_await ask("GET", at(number), {}, shows()));
    }

    awaitable<outcome<void>> end_draft(request which) override {
        auto came = co_await ask("PUT", at(which.number), {{"title", gitlab::without_draft(which.title)}},
                                 told<"mark its merge request as ready", "пометить merge request готовым">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return outcome<void>{};
    }

    awaitable<outcome<std::string>> tip_of(std::string branch) override {
        auto came = co_await ask("GET", "/repository/branches/" + percent_encoded(branch), {},
                                 told<"show the branch", "показать ветку">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* commit = came->body.is_object() ? object_in(came->body.get_object(), "commit") : nullptr;
        co_return commit ? text_in(*commit, "id") : std::string();
    }

    awaitable<outcome<obstacle>> obstacle_to(request which, std::string base, time_point now) override {
        using kind = obstacle::kind;
        const auto& why = which.merge_info;
        if (why == gitlab::in_a_queue) co_return obstacle{kind::queue, {}, {}};
        if (why == gitlab::may_not_merge)
            co_return std::unexpected(
                trouble{trouble::kind::denied,
                        told<"GitLab does not let the token's account merge into {}. {}",
                             "GitLab не даёт учётной записи токена сливать в {}. {}">(base, words_.needs)});
        if (why == "not_approved") co_return obstacle{kind::review, {}, {}};
        if (why == "discussions_not_resolved") co_return obstacle{kind::discussions, {}, {}};
        if (why == "requested_changes") co_return co_await changes_wanted(which);
        if (why == "ci_must_pass" || why == "ci_still_running" || why == "security_policy_pipeline_check")
            co_return co_await pipeline_of(which, now);
        if (why == "status_checks_must_pass" || why == "external_status_checks")
            co_return obstacle{kind::checks, told<"status checks of other services", "проверки других сервисов">(), {}};
        if (why == "draft_status") co_return obstacle{};
        co_return obstacle{kind::policy, gitlab::rule_in_words(why), {}};
    }

    awaitable<outcome<std::vector<std::string>>> ways_to_merge() override {
        auto came = co_await ask("GET", "", {}, told<"show the project", "показать проект">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        const auto how = body ? gitlab::how_it_merges(*body) : gitlab::project_merging{};
        // Merge commit or fast-forward is the project's choice, and no request can name another one.
        if (how.train) co_return std::vector{std::string(how.squash ? squashed_by_train : by_train)};
        co_return std::vector{std::string(how.squash ? squashed : "merge")};
    }

    awaitable<outcome<std::string>> merge(request which, std::string way) override {
        const bool squash = way == squashed || way == squashed_by_train;
        if (way == by_train || way == squashed_by_train) co_return co_await into_the_train(std::move(which), squash);
        json::object body{{"sha", which.head}, {"squash", squash}};
        // A message of its own: that of a squashed commit could be read as the branch's.
        if (squash) body["squash_commit_message"] = fmt::format("{} (!{})", which.title, which.number);
        auto came = co_await api_.send("PUT", project_ + at(which.number) + "/merge", json::serialize(std::move(body)));
        if (!came) co_return std::unexpected(merge_trouble(came.error()));
        if (!is_good(came->status)) co_return std::unexpected(merge_trouble(*came));
        co_return merged_as(one(std::move(*came)));
    }

    awaitable<outcome<queue_place>> place_in_queue(request which) override {
        auto project = co_await ask("GET", "", {}, told<"show the project", "показать проект">());
        if (!project) co_return std::unexpected(std::move(project.error()));
        const auto* body = project->body.if_object();
        queue_place place;
        place.required = body && gitlab::how_it_merges(*body).train;
        if (!place.required) co_return place;
        auto car = co_await api_.get(train(which.number));
        if (!car) co_return std::unexpected(trouble_of(words_, car.error()));
        // Only 404 says that it is in none.
        if (!is_good(car->status) && car->status != not_found)
            co_return std::unexpected(trouble_in(
                words_, *car, told<"show its place in the merge train", "показать её место в merge train">()));
        const auto* there = is_good(car->status) ? car->object() : nullptr;
        place.in = there && text_in(*there, "status") != "merged";
        if (place.in) co_return place;
        auto thrown = co_await thrown_from_a_train(std::move(which));
        if (!thrown) co_return std::unexpected(std::move(thrown.error()));
        place.thrown = std::move(*thrown);
        co_return place;
    }

    awaitable<outcome<void>> enqueue(request which) override {
        auto ways = co_await ways_to_merge();
        if (!ways) co_return std::unexpected(std::move(ways.error()));
        auto in = co_await into_the_train(std::move(which), ways->front() == squashed_by_train);
        if (!in && in.error().what != trouble::kind::queued) co_return std::unexpected(std::move(in.error()));
        co_return outcome<void>{};
    }

    awaitable<outcome<void>> leave_queue(request which) override {
        if (which.merge_info == gitlab::being_merged) co_return std::unexpected(merging_it(which));
        const auto doing = told<"take its merge request out of the queue", "убрать её merge request из очереди">();
        auto came =
            co_await api_.send("POST", project_ + at(which.number) + "/cancel_merge_when_pipeline_succeeds", {});
        if (!came && came.error().what == refusal::kind::unreached)
            co_return std::unexpected(trouble_of(words_, came.error()));
        if (came && is_good(came->status)) co_return outcome<void>{};
        // What is in no queue is refused in one way or another, as a token without the right is; whether it is in one,
        // the request itself says.
        auto now = co_await read(which.number);
        if (!now) co_return std::unexpected(std::move(now.error()));
        if (now->now == request::state::open && now->merge_info == gitlab::being_merged)
            co_return std::unexpected(merging_it(*now));
        if (now->now != request::state::open || now->merge_info != gitlab::in_a_queue) co_return outcome<void>{};
        co_return std::unexpected(came ? trouble_in(words_, *came, doing) : trouble_of(words_, came.error()));
    }

    awaitable<outcome<void>> close(int number) override { return set_state(number, "close"); }
    awaitable<outcome<void>> reopen(int number) override { return set_state(number, "reopen"); }

    awaitable<outcome<void>> comment(int number, std::string text, std::string mark) override {
        const auto hidden = fmt::format("<!-- {} -->", mark);
        const auto doing = told<"comment on its merge request", "написать в её merge request">();
        for (int page = 1; page <= limits::forge_pages; ++page) {
            auto notes = co_await ask("GET", fmt::format("{}/notes?sort=desc&per_page=100&page={}", at(number), page),
                                      {}, doing);
            if (!notes) co_return std::unexpected(std::move(notes.error()));
            const auto* list = notes->body.if_array();
            if (!list || list->empty()) break;
            for (const auto& note : *list)
                if (note.is_object() && text_in(note.get_object(), "body").contains(hidden)) co_return outcome<void>{};
        }
        auto made = co_await ask("POST", at(number) + "/notes", {{"body", text + "\n\n" + hidden}}, doing);
        if (!made) co_return std::unexpected(std::move(made.error()));
        co_return outcome<void>{};
    }

private:
    /// `event`: as GitLab calls it. What is so already it refuses, or answers as if it had been done.
    awaitable<outcome<void>> set_state(int number, std::string event) {
        auto now = co_await read(number);
        if (!now) co_return std::unexpected(std::move(now.error()));
        const auto from = event == "close" ? request::state::open : request::state::closed;
        if (now->now != from) co_return outcome<void>{};
        auto done = co_await ask("PUT", at(number), {{"state_event", event}},
                                 told<"close or reopen its merge request", "закрыть или открыть её merge request">());
        if (!done) co_return std::unexpected(std::move(done.error()));
        co_return outcome<void>{};
    }

    static std::string at(int number) { return fmt::format("/merge_requests/{}", number); }
    static trouble merging_it(const request& r) {
        return {trouble::kind::away, told<"GitLab is merging it: {}", "GitLab сливает её: {}">(r.page)};
    }
    static std::string shows() { return told<"show its merge request", "показать merge request">(); }
    static std::string merges() { return told<"merge its merge request", "слить merge request">(); }

    awaitable<outcome<json_api::reply>> ask(std::string method, std::string path, json::object body,
                                            std::string doing) {
        auto came = co_await api_.send(std::move(method), project_ + path,
                                       body.empty() ? std::string() : json::serialize(body));
        if (!came) co_return std::unexpected(trouble_of(words_, came.error()));
        if (!is_good(came->status)) co_return std::unexpected(trouble_in(words_, *came, doing));
        co_return std::move(*came);
    }

    outcome<request> one(outcome<json_api::reply> came) const {
        if (!came) return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        if (body && whole_in(*body, "iid").value_or(0) > 0) return gitlab::request_in(*body);
        return std::unexpected(no_answer(words_));
    }

    /// An accepted request is merged when the answer says so, and else in the background: it is looked at again.
    outcome<std::string> merged_as(outcome<request> after) const {
        if (!after) return std::unexpected(std::move(after.error()));
        if (after->now == request::state::merged) return after->merged_as;
        return std::unexpected(no_answer(words_));
    }

    trouble merge_trouble(const json_api::reply& came) const {
        auto no = trouble_in(words_, came, merges());
        if (came.status == conflict) no = {trouble::kind::moved, words_in(came)};
        // 405 has no words of its own. It was mergeable a moment ago; the next look finds out what it lacks.
        if (no.what == trouble::kind::refused && came.status == not_allowed)
            no.sentence = told<"GitLab does not merge it as it is now; it is looked at again.",
                               "GitLab не сливает её в нынешнем виде; на неё посмотрят снова.">();
        return no;
    }

    /// 401 is also the answer to an account that may not merge into the branch.
    trouble merge_trouble(const refusal& why) const {
        auto no = trouble_of(words_, why);
        if (why.what == refusal::kind::wrong_token)
            no.sentence = told<"GitLab does not let the token's account merge it (401). {}",
                               "GitLab не даёт учётной записи токена слить её (401). {}">(words_.needs);
        return no;
    }

    /// What a project with merge trains is asked for, because an ordinary merge would pass the train by.
    awaitable<outcome<std::string>> into_the_train(request which, bool squash) {
        auto in = co_await board(which, squash);
        if (!in) co_return std::unexpected(std::move(in.error()));
        // Whether it stands there is asked, not believed: what GitLab accepted may have passed the train by.
        auto after = co_await read(which.number);
        if (!after) co_return std::unexpected(std::move(after.error()));
        if (after->now == request::state::merged) co_return after->merged_as;
        auto car = co_await api_.get(train(which.number));
        if (!car) co_return std::unexpected(trouble_of(words_, car.error()));
        if (!is_good(car->status))
            co_return std::unexpected(
                trouble{trouble::kind::refused,
                        told<"GitLab took it for its merge train, where it is not to be found ({}): {}",
                             "GitLab принял её в merge train, но там её нет ({}): {}">(car->status, which.page)});
        co_return std::unexpected(
            trouble{trouble::kind::queued, told<"It is in the merge train: {}", "Она в merge train: {}">(which.page)});
    }

    awaitable<outcome<void>> board(request which, bool squash) {
        auto thrown = co_await thrown_from_a_train(which);
        if (!thrown) co_return std::unexpected(std::move(thrown.error()));
        if (!thrown->empty()) co_return std::unexpected(trouble{trouble::kind::denied, std::move(*thrown)});
        json::object body{{"sha", which.head}, {"squash", squash}};
        auto came = co_await api_.send("POST", train(which.number), json::serialize(body));
        if (!came) co_return std::unexpected(merge_trouble(came.error()));
        if (!is_good(came->status)) co_return std::unexpected(merge_trouble(*came));
        co_return outcome<void>{};
    }

    /// A sentence; empty: it never was in one that failed, or stands there again.
    awaitable<outcome<std::string>> thrown_from_a_train(request which) {
        auto pipelines = co_await list_of(at(which.number) + "/pipelines?per_page=100");
        if (!pipelines) co_return std::unexpected(std::move(pipelines.error()));
        auto page = gitlab::failed_in_a_train(*pipelines, which.number);
        if (page.empty()) co_return std::string();
        co_return told<
            "It failed in the merge train ({}); Persais does not put it there again. Add it by hand when that "
            "was not its fault, then deploy it.",
            "В merge train проверка не прошла ({}); Persais не ставит её туда снова. Если дело не в ней, "
            "добавьте её вручную и выкладывайте.">(page);
    }

    std::string train(int number) const { return fmt::format("{}/merge_trains{}", project_, at(number)); }

    awaitable<outcome<obstacle>> pipeline_of(request which, time_point now) {
        auto came = co_await ask("GET", at(which.number), {}, shows());
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        const auto* pipeline = body ? object_in(*body, "head_pipeline") : nullptr;
        json::array failed;
        if (pipeline && text_in(*pipeline, "status") == "failed") {
            auto jobs = co_await list_of(
                fmt::format("/pipelines/{}/jobs?scope[]=failed&per_page=100", whole_in(*pipeline, "id").value_or(0)));
            if (!jobs) co_return std::unexpected(std::move(jobs.error()));
            failed = std::move(*jobs);
        }
        co_return gitlab::obstacle_of_pipeline(pipeline, failed, now);
    }

    awaitable<outcome<obstacle>> changes_wanted(request which) {
        auto reviewers = co_await list_of(at(which.number) + "/reviewers");
        if (!reviewers) co_return std::unexpected(std::move(reviewers.error()));
        auto who = gitlab::who_wants_changes(*reviewers);
        co_return obstacle{obstacle::kind::changes_wanted, who.empty() ? told<"A reviewer", "Ревьюер">() : who, {}};
    }

    /// What not each server has and not each token may see: empty then. One page of it is enough.
    awaitable<outcome<json::array>> list_of(std::string path) {
        auto came = co_await ask("GET", std::move(path), {}, told<"show what it requires", "показать требования">());
        if (!came && came.error().what == trouble::kind::away) co_return std::unexpected(std::move(came.error()));
        const auto* list = came ? came->body.if_array() : nullptr;
        co_return list ? *list : json::array();
    }

    forge_words words_;
    std::string project_;
    json_api api_;
};

} // namespace

std::unique_ptr<requests> make_gitlab_requests(const place& at, const secret& token, const fetcher& fetch) {
    return std::make_unique<gitlab_requests>(at, token, fetch);
}

} // namespace persais::forge
