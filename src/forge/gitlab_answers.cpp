#include "forge/gitlab_answers.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/limits.hpp"
#include "forge/reply_trouble.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::forge::gitlab {

namespace json = boost::json;

namespace {

std::string name_in(const json::object& of, std::string_view member) {
    return text::cut(text::printable(text_in(of, member)), limits::forge_name_bytes);
}

/// Servers older than 15.6 know only whether it could be merged at all.
std::string old_status(const json::object& merge_request) {
    auto old = text_in(merge_request, "merge_status");
    if (old == "can_be_merged") return "mergeable";
    if (old == "cannot_be_merged") return "conflict";
    return "checking";
}

} // namespace

request request_in(const json::object& merge_request) {
    request r{.number = static_cast<int>(whole_in(merge_request, "iid").value_or(0)),
              .page = text_in(merge_request, "web_url"),
              .draft = flag_in(merge_request, "draft"),
              .head = text_in(merge_request, "sha"),
              .title = text_in(merge_request, "title")};
    const auto state = text_in(merge_request, "state");
    if (state == "closed") r.now = request::state::closed;
    if (state == "merged") {
        r.now = request::state::merged;
        // The newest of the commits that came: the merge commit, else the squashed one, else the branch's own.
        for (const auto* name : {"merge_commit_sha", "squash_commit_sha", "sha"})
            if (r.merged_as.empty()) r.merged_as = text_in(merge_request, name);
    }
    r.merge_info = text_in(merge_request, "detailed_merge_status");
    if (r.merge_info.empty()) r.merge_info = old_status(merge_request);
    if (state == "locked") r.merge_info = being_merged;
    const auto* user = object_in(merge_request, "user");
    if (r.merge_info == "mergeable" && user && user->contains("can_merge") && !flag_in(*user, "can_merge"))
        r.merge_info = may_not_merge;
    if (state != "locked" && flag_in(merge_request, "merge_when_pipeline_succeeds")) r.merge_info = in_a_queue;
    return r;
}

bool is_of_the_project(const json::object& merge_request) {
    return whole_in(merge_request, "source_project_id") == whole_in(merge_request, "target_project_id");
}

readiness readiness_of(const request& which) {
    const auto& how = which.merge_info;
    if (how == "mergeable") return readiness::ready;
    if (how == "conflict" || how == "broken_status") return readiness::conflict;
    if (how == "need_rebase") return readiness::outdated;
    // `commits_status` is said of a branch whose push GitLab has not seen yet.
    constexpr std::array<std::string_view, 9> unknown{
        "",          "unchecked", "checking",          "cannot_be_merged_recheck",
        "preparing", "not_open",  "approvals_syncing", "commits_status",
        being_merged};
    if (std::ranges::find(unknown, how) != unknown.end()) return readiness::unknown;
    return readiness::blocked;
}

std::string without_draft(std::string title) {
    const auto lower = [](std::string_view of) {
        std::string out(of);
        std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return out;
    };
    for (bool again = true; again;) {
        again = false;
        for (std::string_view word : {"draft:", "[draft]", "(draft)", "wip:", "[wip]"})
            if (lower(title).starts_with(word)) {
                title = text::trim(std::string_view(title).substr(word.size()));
                again = true;
            }
    }
    return title;
}

project_merging how_it_merges(const json::object& project) {
    return {.train = flag_in(project, "merge_trains_enabled"), .squash = text_in(project, "squash_option") == "always"};
}

obstacle obstacle_of_pipeline(const json::object* pipeline, const json::array& failed, time_point now) {
    using kind = obstacle::kind;
    const auto any = told<"a pipeline", "пайплайн">();
    if (!pipeline) return {kind::checks, any, {}};
    const auto status = text_in(*pipeline, "status"), page = text_in(*pipeline, "web_url");
    if (status == "manual") return {kind::runs, {}, page}; // it waits for a person who starts a job
    if (status == "failed" || status == "canceled" || status == "skipped") {
        obstacle red{kind::red, {}, page};
        for (const auto& value : failed) {
            const auto* job = value.if_object();
            if (!job || flag_in(*job, "allow_failure")) continue;
            red.subject += (red.subject.empty() ? "" : ", ") + name_in(*job, "name");
            if (auto own = text_in(*job, "web_url"); !own.empty() && red.page == page) red.page = own;
        }
        if (red.subject.empty()) red.subject = fmt::format("{} ({})", any, text::printable(status));
        return red;
    }
    obstacle runs{kind::checks, any, page};
    if (auto since = any_time_in(text_in(*pipeline, "created_at")); since && status != "success")
        runs.running = std::chrono::duration_cast<std::chrono::minutes>(now - *since);
    return runs;
}

std::string rule_in_words(std::string_view status) {
    if (status == "merge_request_blocked")
        return told<"another merge request has to be merged first", "сначала нужно слить другой merge request">();
    if (status == "merge_time")
        return told<"the time that was set for it has not come", "назначенное для неё время ещё не наступило">();
    if (status == "locked_paths" || status == "locked_lfs_files")
        return told<"somebody has locked files that it changes", "кто-то заблокировал файлы, которые она меняет">();
    if (status == "title_regex")
        return told<"the project wants titles of another form", "проект требует заголовки другого вида">();
    if (status == "jira_association_missing")
        return told<"its title has to name a Jira issue", "в заголовке должна быть названа задача Jira">();
    if (status == "security_policy_violations" || status == "policies_denied")
        return told<"it breaks a security policy of the project", "она нарушает политику безопасности проекта">();
    return text::cut(text::printable(std::string(status)), limits::forge_name_bytes);
}

std::string who_wants_changes(const json::array& reviewers) {
    std::string names;
    for (const auto& value : reviewers) {
        const auto* each = value.if_object();
        const auto* user = each ? object_in(*each, "user") : nullptr;
        if (user && text_in(*each, "state") == "requested_changes")
            names += (names.empty() ? "" : ", ") + name_in(*user, "username");
    }
    return names;
}

std::string failed_in_a_train(const json::array& pipelines, int number) {
    const auto ref = fmt::format("refs/merge-requests/{}/train", number);
    for (const auto& value : pipelines) { // the newest first
        const auto* pipeline = value.if_object();
        if (!pipeline || text_in(*pipeline, "ref") != ref) continue;
        return text_in(*pipeline, "status") == "failed" ? text_in(*pipeline, "web_url") : std::string();
    }
    return {};
}

} // namespace persais::forge::gitlab
