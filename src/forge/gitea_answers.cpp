#include "forge/gitea_answers.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/limits.hpp"
#include "forge/reply_trouble.hpp"

#include <algorithm>
#include <map>

namespace persais::forge::gitea {

namespace json = boost::json;

namespace {

std::string name_in(const json::object& of, std::string_view member) {
    return text::cut(text::printable(text_in(of, member)), limits::forge_name_bytes);
}

enum class check { green, running, red };

check how(const json::object& status) {
    auto said = text_in(status, "status");
    if (said == "success" || said == "skipped" || said == "warning") return check::green;
    return said == "pending" ? check::running : check::red;
}

struct reviews_seen {
    int approvals = 0;
    std::string against;
};

/// Only official ones count: of people whose word the branch's rule asks for.
reviews_seen reviews_in(const json::array& reviews) {
    std::map<std::string, std::string> newest; // the oldest first
    for (const auto& value : reviews) {
        const auto* review = value.if_object();
        const auto* who = review ? object_in(*review, "user") : nullptr;
        if (!who || !flag_in(*review, "official") || flag_in(*review, "dismissed")) continue;
        auto said = text_in(*review, "state");
        if (said == "APPROVED" || said == "REQUEST_CHANGES") newest[name_in(*who, "login")] = said;
    }
    reviews_seen seen;
    for (const auto& [login, said] : newest) {
        if (said == "APPROVED") ++seen.approvals;
        if (said == "REQUEST_CHANGES") seen.against = login;
    }
    return seen;
}

void add(obstacle& to, const json::object& status) {
    to.subject += (to.subject.empty() ? "" : ", ") + name_in(status, "context");
    if (to.page.empty()) to.page = text_in(status, "target_url");
}

} // namespace

request request_in(const json::object& pull) {
    request r{.number = static_cast<int>(whole_in(pull, "number").value_or(0)),
              .page = text_in(pull, "html_url"),
              .draft = flag_in(pull, "draft"),
              .title = text_in(pull, "title")};
    if (const auto* head = object_in(pull, "head")) r.head = text_in(*head, "sha");
    if (text_in(pull, "state") == "closed") r.now = request::state::closed;
    if (flag_in(pull, "merged")) {
        r.now = request::state::merged;
        r.merged_as = text_in(pull, "merge_commit_sha");
    }
    // `mergeable` is false while that is being found out, too, and for a draft.
    r.merge_info = flag_in(pull, "mergeable") || r.draft ? is_ready : is_unknown;
    return r;
}

readiness readiness_of(const request& which) {
    if (which.merge_info == is_ready) return readiness::ready;
    if (which.merge_info == is_outdated) return readiness::outdated;
    if (which.merge_info == is_blocked || which.merge_info == may_not_merge) return readiness::blocked;
    return readiness::unknown;
}

bool is_of(const json::object& pull, std::string_view branch, std::string_view base) {
    const auto *from = object_in(pull, "head"), *into = object_in(pull, "base");
    if (!from || !into || whole_in(*from, "repo_id") != whole_in(*into, "repo_id")) return false;
    // `ref` is the branch's name only while there is a branch; `label` is it in any case.
    return text_in(*from, "label") == branch && text_in(*into, "label") == base;
}

bool stands_on_base(const json::object& pull) {
    const auto* into = object_in(pull, "base");
    return into && text_in(pull, "merge_base") == text_in(*into, "sha");
}

std::string without_draft(std::string title) {
    for (bool again = true; again;) {
        again = false;
        for (std::string_view word : {"wip:", "[wip]", "draft:", "[draft]"})
            if (lower_case(title).starts_with(word)) {
                title = text::trim(std::string_view(title).substr(word.size()));
                again = true;
            }
    }
    return title;
}

branch_rules rules_in(const json::object& branch) {
    branch_rules rules;
    // Forgejo and older Giteas show it under the same name; a server that does not is asked by merging.
    if (branch.contains("user_can_merge")) rules.may_merge = flag_in(branch, "user_can_merge");
    rules.approvals = static_cast<int>(whole_in(branch, "required_approvals").value_or(0));
    rules.checks = flag_in(branch, "enable_status_check");
    rules.contexts = texts_in(branch, "status_check_contexts");
    return rules;
}

obstacle obstacle_in(const branch_rules& rules, const json::array& statuses, const json::array& reviews,
                     time_point now) {
    using kind = obstacle::kind;
    obstacle red{.what = kind::red}, open{.what = kind::checks};
    auto count = [&](const json::object& status) {
        if (how(status) == check::green) return;
        add(how(status) == check::red ? red : open, status);
        if (auto since = any_time_in(text_in(status, "created_at")); since && how(status) == check::running)
            open.running = std::max(open.running.value_or(std::chrono::minutes(0)),
                                    std::chrono::duration_cast<std::chrono::minutes>(now - *since));
    };
    if (rules.checks) {
        auto named = [](const json::value& status) {
            return status.is_object() ? text_in(status.get_object(), "context") : std::string();
        };
        for (const auto& status : statuses)
            if (status.is_object() &&
                (rules.contexts.empty() || std::ranges::any_of(rules.contexts, [&](const auto& pattern) {
                     return fits(pattern, named(status));
                 })))
                count(status.get_object());
        for (const auto& pattern : rules.contexts)
            if (std::ranges::none_of(statuses, [&](const auto& each) { return fits(pattern, named(each)); }))
                open.subject +=
                    (open.subject.empty() ? "" : ", ") + text::cut(text::printable(pattern), limits::forge_name_bytes);
        if (statuses.empty() && rules.contexts.empty()) open.subject = "CI"; // Gitea waits for a first one
    }
    if (!red.subject.empty()) return red;
    if (!open.subject.empty()) return open;
    const auto seen = reviews_in(reviews);
    if (rules.approvals > 0 && !seen.against.empty()) return {kind::changes_wanted, seen.against, {}};
    if (seen.approvals < rules.approvals) return {kind::review, {}, {}};
    return {};
}

bool fits(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        const bool any = pattern.starts_with("**");
        const auto rest = pattern.substr(any ? 2 : 1);
        for (std::size_t n = 0; n <= text.size(); ++n) {
            if (fits(rest, text.substr(n))) return true;
            if (n < text.size() && text[n] == '/' && !any) return false;
        }
        return false;
    }
    if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
    return fits(pattern.substr(1), text.substr(1));
}

std::vector<std::string> ways_in(const json::object& repository) {
    std::vector<std::string> ways;
    // Best first: what leaves the approved commits as they are, then what keeps one for each of them.
    for (auto [way, allowed] : {std::pair{"merge", "allow_merge_commits"},
                                {"fast-forward-only", "allow_fast_forward_only_merge"},
                                {"rebase-merge", "allow_rebase_explicit"},
                                {"rebase", "allow_rebase"},
                                {"squash", "allow_squash_merge"}})
        if (flag_in(repository, allowed)) ways.emplace_back(way);
    return ways;
}

} // namespace persais::forge::gitea
