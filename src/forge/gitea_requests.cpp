// Pull requests of Gitea and Forgejo, by their REST API. Forgejo's is Gitea's of 2022, which both have extended since.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "forge/gitea_answers.hpp"
#include "forge/limits.hpp"
#include "forge/reply_trouble.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr int not_allowed = 405, conflict = 409;

bool is_good(int status) {
    constexpr int good = 200, after = 300;
    return status >= good && status < after;
}

class gitea_requests final : public requests {
public:
    gitea_requests(const place& at, const secret& authorization, const fetcher& fetch)
        : words_{name_of(kind::gitea), told<"It needs `write:repository`, and its account the right to write.",
                                            "Ему нужно право `write:repository`, а его учётной записи — право "
                                            "записи.">()},
          repository_("/repos/" + percent_encoded(at.path, path_characters)),
          api_(at.api, "Authorization", authorization, fetch) {}

    std::string_view name() const override { return words_.name; }
    readiness readiness_of(const request& which) const override { return gitea::readiness_of(which); }

    /// There is no list by branch, and the one request that `/pulls/BASE/HEAD` gives is the oldest. So the list is
    /// read, what changed last first, because what a landing looks for was opened or merged by it.
    awaitable<outcome<std::vector<request>>> of_branch(std::string branch, std::string base) override {
        std::vector<request> all;
        for (int page = 1; page <= limits::forge_pages && all.empty(); ++page) {
            constexpr std::size_t whole_page = 50; // the most that a server gives unless it is set otherwise
            auto came = co_await ask(
                "GET", fmt::format("/pulls?state=all&sort=recentupdate&limit={}&page={}", whole_page, page), {},
                told<"list its pull requests", "показать pull requests">());
            if (!came) co_return std::unexpected(std::move(came.error()));
            const auto* list = came->body.if_array();
            if (!list || list->empty()) break;
            for (const auto& each : *list)
                if (each.is_object() && gitea::is_of(each.get_object(), branch, base))
                    all.push_back(gitea::request_in(each.get_object()));
        }
        std::ranges::sort(all, std::ranges::greater(), &request::number);
        co_return all;
    }

    awaitable<outcome<request>> open(new_request what) override {
        auto came = co_await ask("POST", "/pulls",
                                 {{"head", what.branch},
                                  {"base", what.base},
                                  {"title", (what.draft ? "WIP: " : "") + what.title},
                                  {"body", what.body}},
                                 told<"open a pull request", "открыть pull request">());
        co_return one(std::move(came));
    }

    /// With what the base branch requires, because `mergeable` says nothing about that.
    awaitable<outcome<request>> read(int number) override {
        auto came = co_await shown(number);
        auto seen = one(came);
        if (!seen || seen->now != request::state::open || seen->draft || seen->merge_info != gitea::is_ready)
            co_return seen;
        const auto& pull = came->body.get_object();
        const auto* base = object_in(pull, "base");
        auto why = co_await obstacle_to(*seen, base ? text_in(*base, "label") : std::string(), system_clock().now());
        if (!why && why.error().what != trouble::kind::denied) co_return std::unexpected(std::move(why.error()));
        if (!why)
            seen->merge_info = gitea::may_not_merge;
        else if (why->what != obstacle::kind::none)
            seen->merge_info = gitea::is_blocked;
        co_return seen;
    }

    awaitable<outcome<void>> end_draft(request which) override {
        auto came = co_await ask("PATCH", at(which.number), {{"title", gitea::without_draft(which.title)}},
                                 told<"mark its pull request as ready", "пометить pull request готовым">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        co_return outcome<void>{};
    }

    awaitable<outcome<std::string>> tip_of(std::string branch) override {
        auto came = co_await branch_named(branch);
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* commit = came->body.is_object() ? object_in(came->body.get_object(), "commit") : nullptr;
        co_return commit ? text_in(*commit, "id") : std::string();
    }

    awaitable<outcome<obstacle>> obstacle_to(request which, std::string base, time_point now) override {
        auto branch = co_await branch_named(base);
        if (!branch) co_return std::unexpected(std::move(branch.error()));
        const auto* body = branch->body.if_object();
        const auto rules = body ? gitea::rules_in(*body) : gitea::branch_rules{};
        if (!rules.may_merge)
            co_return std::unexpected(
                trouble{trouble::kind::denied,
                        told<"Gitea does not let the token's account merge into {}. {}",
                             "Gitea не даёт учётной записи токена сливать в {}. {}">(base, words_.needs)});
        json::array statuses, reviews;
        if (rules.checks) {
            // The newest of each context: the list of all has those of one second in any order.
            auto came = co_await all_of(fmt::format("/commits/{}/status?", which.head), "statuses");
            if (!came) co_return std::unexpected(std::move(came.error()));
            statuses = std::move(*came);
        }
        if (rules.approvals > 0) {
            auto came = co_await all_of(at(which.number) + "/reviews?", "");
            if (!came) co_return std::unexpected(std::move(came.error()));
            reviews = std::move(*came);
        }
        co_return gitea::obstacle_in(rules, statuses, reviews, now);
    }

    awaitable<outcome<std::vector<std::string>>> ways_to_merge() override {
        auto came = co_await ask("GET", "", {}, told<"show the repository", "показать репозиторий">());
        if (!came) co_return std::unexpected(std::move(came.error()));
        const auto* body = came->body.if_object();
        co_return body ? gitea::ways_in(*body) : std::vector<std::string>{};
    }

    awaitable<outcome<std::string>> merge(request which, std::string way) override {
        if (way == "fast-forward-only") { // a branch that cannot be forwarded is an error of the server there (500)
            auto now = co_await shown(which.number);
            if (!now) co_return std::unexpected(std::move(now.error()));
            if (now->body.is_object() && !gitea::stands_on_base(now->body.get_object()))
                co_return std::unexpected(trouble{trouble::kind::outdated, {}});
        }
        auto came = co_await api_.send("POST", repository_ + at(which.number) + "/merge",
                                       json::serialize(json::object{{"Do", way}, {"head_commit_id", which.head}}));
        if (!came) co_return std::unexpected(trouble_of(words_, came.error()));
        if (!is_good(came->status)) co_return std::unexpected(merge_trouble(*came));
        auto after = one(co_await shown(which.number)); // the answer itself is empty
        if (!after) co_return std::unexpected(std::move(after.error()));
        if (after->now != request::state::merged) co_return std::unexpected(no_answer(words_));
        co_return after->merged_as;
    }

    awaitable<outcome<void>> close(int number) override { return set_state(number, "closed"); }
    awaitable<outcome<void>> reopen(int number) override { return set_state(number, "open"); }

    awaitable<outcome<void>> comment(int number, std::string text, std::string mark) override {
        const auto hidden = fmt::format("<!-- {} -->", mark);
        const auto path = fmt::format("/issues/{}/comments", number);
        auto all = co_await ask("GET", path, {}, comments());
        if (!all) co_return std::unexpected(std::move(all.error()));
        if (const auto* list = all->body.if_array())
            for (const auto& each : *list)
                if (each.is_object() && text_in(each.get_object(), "body").contains(hidden)) co_return outcome<void>{};
        auto made = co_await ask("POST", path, {{"body", text + "\n\n" + hidden}}, comments());
        if (!made) co_return std::unexpected(std::move(made.error()));
        co_return outcome<void>{};
    }

private:
    static std::string at(int number) { return fmt::format("/pulls/{}", number); }
    static std::string comments() { return told<"comment on its pull request", "написать в её pull request">(); }

    awaitable<outcome<json_api::reply>> ask(std::string method, std::string path, json::object body,
                                            std::string doing) {
        auto came = co_await api_.send(std::move(method), repository_ + path,
                                       body.empty() ? std::string() : json::serialize(body));
        if (!came) co_return std::unexpected(trouble_of(words_, came.error()));
        if (!is_good(came->status)) co_return std::unexpected(trouble_in(words_, *came, doing));
        co_return std::move(*came);
    }

    awaitable<outcome<json_api::reply>> shown(int number) {
        co_return co_await ask("GET", at(number), {}, told<"show its pull request", "показать pull request">());
    }

    awaitable<outcome<json_api::reply>> branch_named(std::string branch) {
        co_return co_await ask("GET", "/branches/" + percent_encoded(branch), {},
                               told<"show the branch", "показать ветку">());
    }

    outcome<request> one(const outcome<json_api::reply>& came) const {
        if (!came) return std::unexpected(came.error());
        const auto* body = came->body.if_object();
        if (body && whole_in(*body, "number").value_or(0) > 0) return gitea::request_in(*body);
        return std::unexpected(no_answer(words_));
    }

    trouble merge_trouble(const json_api::reply& came) const {
        using kind = trouble::kind;
        auto no = trouble_in(words_, came, told<"merge its pull request", "слить pull request">());
        const auto words = words_in(came);
        if (came.status == not_allowed) {
            if (words.contains("not allowed to merge"))
                no = {kind::denied, fmt::format("{} {}", no.sentence, words_.needs)};
            else if (words.contains("behind the base branch"))
                no = {kind::outdated, words};
            else if (words.contains("already merged"))
                no = {kind::moved, words};
            else if (words.contains("requested changes"))
                no.what = kind::denied; // waiting would not help
        }
        // The head or the base moved, or they meet in the same lines: the request is looked at anew. A push that the
        // repository's own hooks refused is not better a second time.
        if (came.status == conflict && !words.contains("PushRejected")) no = {kind::moved, words};
        return no;
    }

    awaitable<outcome<void>> set_state(int number, std::string state) {
        auto now = one(co_await shown(number));
        if (!now) co_return std::unexpected(std::move(now.error()));
        if (now->now != (state == "closed" ? request::state::open : request::state::closed)) co_return outcome<void>{};
        auto done = co_await ask("PATCH", at(number), {{"state", state}},
                                 told<"close or reopen its pull request", "закрыть или открыть её pull request">());
        if (!done) co_return std::unexpected(std::move(done.error()));
        co_return outcome<void>{};
    }

    /// A list, page by page; what this token may not see is empty. `path` ends with `?`; `member`: of the answer's
    /// object,
    /// "" for an answer that is the list.
    awaitable<outcome<json::array>> all_of(std::string path, std::string member) {
        json::array all;
        for (int page = 1; page <= limits::forge_pages; ++page) {
            auto came = co_await ask("GET", fmt::format("{}limit=50&page={}", path, page), {},
                                     told<"show what it requires", "показать требования">());
            if (!came && came.error().what == trouble::kind::away) co_return std::unexpected(std::move(came.error()));
            const auto* list = !came                    ? nullptr
                               : member.empty()         ? came->body.if_array()
                               : came->body.if_object() ? array_in(came->body.get_object(), member)
                                                        : nullptr;
            if (!list || list->empty()) break;
            all.insert(all.end(), list->begin(), list->end());
        }
        co_return all;
    }

    forge_words words_;
    std::string repository_;
    json_api api_;
};

} // namespace

std::unique_ptr<requests> make_gitea_requests(const place& at, const secret& token, const fetcher& fetch) {
    return std::make_unique<gitea_requests>(at, around("token ", token), fetch);
}

} // namespace persais::forge
