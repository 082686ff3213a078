// What is written at a repository of GitHub: issues, comments, reviews, and what its checks found.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/github_repository.hpp"
#include "forge/limits.hpp"
#include "forge/written.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

constexpr int ok = 200, not_found = 404, gone = 410;

std::string doing() {
    return told<"show what was written there", "показать, что там написано">();
}

std::string login_in(const json::object& of) {
    const auto* user = object_in(of, "user");
    return user ? text_in(*user, "login") : std::string();
}

bool is_bot(const json::object& of) {
    const auto* user = object_in(of, "user");
    return user && text_in(*user, "type") == "Bot";
}

/// The comment's number is the last segment of its issue's address.
int number_in_address(const std::string& address) {
    int number = 0;
    for (char c : address.substr(address.rfind('/') + 1))
        if (c >= '0' && c <= '9' && number < 100'000'000) number = number * 10 + (c - '0');
    return number;
}

/// What was written at one moment is not in all lists at the same moment.
std::string a_little_before(const std::string& time) {
    auto at = time_in(time);
    return at ? fmt::format("{:%Y-%m-%dT%H:%M:%S}Z",
                            std::chrono::floor<std::chrono::seconds>(*at - limits::forge_looks_overlap))
              : time;
}

/// Without those that somebody stopped, or that were never begun.
json::array that_ended_by_themselves(json::array runs) {
    json::array all;
    for (auto& each : runs) {
        auto how = each.is_object() ? text_in(each.get_object(), "conclusion") : std::string();
        if (how != "cancelled" && how != "stale" && how != "action_required") all.push_back(std::move(each));
    }
    return all;
}

/// A comment of a review, and what it is about.
std::string comment_words(const json::object& of) {
    auto where = text_in(of, "path");
    if (auto line = whole_in(of, "line"); line && !where.empty()) where += fmt::format(":{}", *line);
    return where.empty() ? text_in(of, "body") : fmt::format("{}: {}", where, text_in(of, "body"));
}

class github_conversations final : public conversations {
public:
    github_conversations(const place& at, const secret& authorization, const fetcher& fetch)
        : repository_(at, authorization, fetch) {}

    awaitable<outcome<std::optional<words>>> read(written what) override {
        switch (what.what) {
        case written::kind::issue:
            return read_issue(what.number);
        case written::kind::comment:
            return read_comment(std::move(what));
        case written::kind::review:
            return read_review(std::move(what));
        case written::kind::red:
            break;
        }
        return read_red(std::move(what));
    }

    awaitable<outcome<bool>> may_write(std::string author) override {
        auto came = co_await answer(fmt::format("/collaborators/{}/permission", percent_encoded(author)));
        if (!came) co_return std::unexpected(std::move(came.error()));
        // `maintain` is told as write, `triage` as read, and a role of one's own as the one that it is made of.
        const auto may = *came ? text_in(**came, "permission") : std::string();
        co_return may == "admin" || may == "write";
    }

    awaitable<outcome<std::vector<written>>> newer(looked& from, std::string ours) override {
        std::vector<written> all;
        auto since = percent_encoded(from.since);
        auto newest = from.since;
        std::optional<std::string> seen_whole; // until here each list was seen, where one has more
        auto take = [&](const json::array& list, auto read) {
            std::string last;
            for (const auto& each : list) {
                if (!each.is_object()) continue;
                last = std::max(last, text_in(each.get_object(), "updated_at"));
                auto one = read(each.get_object());
                // What was changed lately and written before is no news.
                if (one && is_whole(*one) && one->at >= from.since) all.push_back(std::move(*one));
            }
            newest = std::max(newest, last);
            constexpr std::size_t whole_page = 100;
            if (list.size() >= whole_page) seen_whole = std::min(seen_whole.value_or(last), last);
        };
        auto issues = co_await look("/issues?state=all&sort=updated&direction=asc&since=" + since);
        if (!issues) co_return std::unexpected(std::move(issues.error()));
        take(*issues, issue_of);
        auto comments = co_await look("/issues/comments?sort=updated&direction=asc&since=" + since);
        if (!comments) co_return std::unexpected(std::move(comments.error()));
        take(*comments, comment_of);
        auto reviews = co_await look("/pulls/comments?sort=updated&direction=asc&since=" + since);
        if (!reviews) co_return std::unexpected(std::move(reviews.error()));
        take(*reviews, review_of);
        auto red = co_await red_of(ours, all);
        if (!red) co_return std::unexpected(std::move(red.error()));
        from.since = std::max(from.since, seen_whole ? *seen_whole : a_little_before(newest));
        co_return all;
    }

private:
    static std::optional<written> issue_of(const json::object& one) {
        if (one.contains("pull_request")) return std::nullopt;
        auto number = issue_number_in(one);
        return written{.what = written::kind::issue,
                       .id = std::to_string(number),
                       .number = number,
                       .at = text_in(one, "created_at"),
                       .text = text_in(one, "title") + "\n" + text_in(one, "body"),
                       .by_bot = is_bot(one)};
    }
    static std::optional<written> comment_of(const json::object& one) {
        return written{.what = written::kind::comment,
                       .id = id_in(one),
                       .number = number_in_address(text_in(one, "issue_url")),
                       .at = text_in(one, "created_at"),
                       .text = text_in(one, "body"),
                       .by_bot = is_bot(one)};
    }
    static std::optional<written> review_of(const json::object& one) {
        auto review = whole_in(one, "pull_request_review_id");
        if (!review) return std::nullopt;
        return written{.what = written::kind::review,
                       .id = std::to_string(*review),
                       .number = number_in_address(text_in(one, "pull_request_url")),
                       .at = text_in(one, "created_at"),
                       .text = text_in(one, "body"),
                       .by_bot = is_bot(one)};
    }

    /// Adds what is red of open requests of ours.
    awaitable<outcome<void>> red_of(std::string ours, std::vector<written>& all) {
        auto open = co_await repository_.look("/pulls?state=open&per_page=100", "", doing());
        if (!open) co_return std::unexpected(std::move(open.error()));
        for (const auto& each : *open) {
            if (!each.is_object()) continue;
            auto at = thread_of_pull(each.get_object());
            if (at.branch.empty() || !at.branch.starts_with(ours)) continue;
            auto checks = co_await checks_of(at.head);
            if (!checks) co_return std::unexpected(std::move(checks.error()));
            if (std::ranges::any_of(*checks, [](const auto& c) { return c.how == check_seen::state::red; }))
                all.push_back({.what = written::kind::red,
                               .id = at.head,
                               .number = 0,
                               .branch = at.branch,
                               .at = text_in(each.get_object(), "updated_at")});
        }
        co_return outcome<void>{};
    }

    awaitable<outcome<std::vector<check_seen>>> checks_of(std::string commit) {
        auto runs = co_await repository_.look(fmt::format("/commits/{}/check-runs?per_page=100", commit), "check_runs",
                                              doing());
        if (!runs) co_return std::unexpected(std::move(runs.error()));
        auto statuses =
            co_await repository_.look(fmt::format("/commits/{}/status?per_page=100", commit), "statuses", doing());
        if (!statuses) co_return std::unexpected(std::move(statuses.error()));
        co_return checks_in(that_ended_by_themselves(std::move(*runs)), *statuses);
    }

    /// The oldest changes first, so that a page that is full is followed by the next one when `since` has moved.
    awaitable<outcome<json::array>> look(std::string path) {
        return repository_.look(std::move(path) + "&per_page=100", "", doing());
    }

    /// nullopt: it is gone.
    awaitable<outcome<std::optional<json::object>>> answer(std::string path) {
        auto came = co_await repository_.answer_to("GET", std::move(path), {});
        if (!came) co_return std::unexpected(std::move(came.error()));
        if (came->status == not_found || came->status == gone) co_return std::optional<json::object>();
        if (came->status != ok || !came->body.is_object()) co_return std::unexpected(trouble_in(*came, doing()));
        co_return std::move(came->body.get_object());
    }

    static thread thread_of_pull(const json::object& of) {
        thread at{.number = issue_number_in(of),
                  .page = text_in(of, "html_url"),
                  .title = text_in(of, "title"),
                  .body = text_in(of, "body"),
                  .is_request = true,
                  .open = text_in(of, "state") == "open",
                  .branch = {},
                  .head = {}};
        const auto *head = object_in(of, "head"), *base = object_in(of, "base");
        const auto* from = head ? object_in(*head, "repo") : nullptr;
        const auto* to = base ? object_in(*base, "repo") : nullptr;
        if (head) at.head = text_in(*head, "sha");
        if (from && to && whole_in(*from, "id") == whole_in(*to, "id")) at.branch = text_in(*head, "ref");
        return at;
    }

    awaitable<outcome<std::optional<thread>>> thread_at(int number) {
        auto issue = co_await answer(fmt::format("/issues/{}", number));
        if (!issue) co_return std::unexpected(std::move(issue.error()));
        if (!*issue) co_return std::optional<thread>();
        const auto& of = **issue;
        if (of.contains("pull_request")) {
            auto pull = co_await answer(fmt::format("/pulls/{}", number));
            if (!pull) co_return std::unexpected(std::move(pull.error()));
            if (!*pull) co_return std::optional<thread>();
            co_return thread_of_pull(**pull);
        }
        co_return thread{.number = number,
                         .page = text_in(of, "html_url"),
                         .title = text_in(of, "title"),
                         .body = text_in(of, "body"),
                         .is_request = false,
                         .open = text_in(of, "state") == "open",
                         .branch = {},
                         .head = {}};
    }

    awaitable<outcome<std::optional<words>>> read_issue(int number) {
        auto issue = co_await answer(fmt::format("/issues/{}", number));
        if (!issue) co_return std::unexpected(std::move(issue.error()));
        if (!*issue || (*issue)->contains("pull_request")) co_return std::optional<words>();
        auto at = co_await thread_at(number);
        if (!at) co_return std::unexpected(std::move(at.error()));
        if (!*at) co_return std::optional<words>();
        words said{.author = login_in(**issue), .by_bot = is_bot(**issue), .text = (*at)->title, .where = **at};
        if (!said.where.body.empty()) said.text += "\n\n" + said.where.body;
        co_return said;
    }

    awaitable<outcome<std::optional<words>>> read_comment(written what) {
        auto came = co_await answer("/issues/comments/" + percent_encoded(what.id));
        if (!came) co_return std::unexpected(std::move(came.error()));
        if (!*came) co_return std::optional<words>();
        co_return co_await at_thread(
            {.author = login_in(**came), .by_bot = is_bot(**came), .text = text_in(**came, "body")}, what.number);
    }

    awaitable<outcome<std::optional<words>>> read_review(written what) {
        const auto path = fmt::format("/pulls/{}/reviews/{}", what.number, percent_encoded(what.id));
        auto came = co_await answer(path);
        if (!came) co_return std::unexpected(std::move(came.error()));
        if (!*came) co_return std::optional<words>();
        words said{.author = login_in(**came), .by_bot = is_bot(**came), .text = text_in(**came, "body")};
        auto comments = co_await repository_.all_of(path + "/comments?per_page=100", "");
        if (!comments) co_return std::unexpected(std::move(comments.error()));
        said.answers = said.text.empty() || text_in(**came, "state") == "APPROVED";
        for (const auto& each : *comments) {
            if (!each.is_object()) continue;
            const auto& one = each.get_object();
            said.text += (said.text.empty() ? "" : "\n\n") + comment_words(one);
            if (!whole_in(one, "in_reply_to_id") && text_in(**came, "state") != "APPROVED") said.answers = false;
        }
        co_return co_await at_thread(std::move(said), what.number);
    }

    awaitable<outcome<std::optional<words>>> at_thread(words said, int number) {
        auto at = co_await thread_at(number);
        if (!at) co_return std::unexpected(std::move(at.error()));
        if (!*at) co_return std::optional<words>();
        said.where = std::move(**at);
        co_return said;
    }

    awaitable<outcome<std::optional<words>>> read_red(written what) {
        auto open = co_await repository_.ask(
            "GET", fmt::format("/pulls?state=open&head={}", percent_encoded(repository_.owner() + ":" + what.branch)),
            {}, doing());
        if (!open) co_return std::unexpected(std::move(open.error()));
        const auto* list = open->body.if_array();
        if (!list || list->empty() || !list->front().is_object()) co_return std::optional<words>();
        words said{.author = {}, .by_bot = false, .text = {}, .where = thread_of_pull(list->front().get_object())};
        if (said.where.head != what.id) co_return std::optional<words>();
        auto checks = co_await checks_of(what.id);
        if (!checks) co_return std::unexpected(std::move(checks.error()));
        for (const auto& each : *checks) {
            if (each.how == check_seen::state::red)
                said.red.push_back(each.page.empty() ? each.name : fmt::format("{} ({})", each.name, each.page));
            if (each.how == check_seen::state::running) said.running = true;
        }
        co_return said;
    }

    github_repository repository_;
};

} // namespace

std::unique_ptr<conversations> make_github_conversations(const place& at, const secret& token, const fetcher& fetch) {
    return std::make_unique<github_conversations>(at, around("Bearer ", token), fetch);
}

} // namespace persais::forge
