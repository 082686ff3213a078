#include "forge/github_deployments.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/limits.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

using state = deployment_seen::state;

std::string name_in(const json::object& of, std::string_view member) {
    return text::cut(text::printable(text_in(of, member)), limits::forge_name_bytes);
}

state state_of_deployment(std::string_view word) {
    if (word == "success") return state::well;
    return word == "failure" || word == "error" ? state::unwell : state::under_way;
}

/// A run that was cancelled, mostly because a newer commit came, says nothing about this one.
state state_of_run(const json::object& run) {
    if (text_in(run, "status") != "completed") return state::under_way;
    auto how = text_in(run, "conclusion");
    if (how == "success" || how == "neutral" || how == "skipped") return state::well;
    if (how == "cancelled") return state::cancelled;
    return how == "failure" || how == "timed_out" || how == "startup_failure" ? state::unwell : state::under_way;
}

struct part {
    std::string name, page;
    state how;
};

/// All of them as one: what failed decides, then what is not over, then what never will be.
deployment_seen together(const std::vector<part>& parts) {
    deployment_seen all{.how = parts.empty() ? state::nothing : state::well, .commit = {}, .subject = {}, .page = {}};
    for (auto worst : {state::unwell, state::under_way, state::cancelled, state::well}) {
        for (const auto& each : parts) {
            if (each.how != worst) continue;
            all.how = worst;
            all.subject += (all.subject.empty() ? "" : ", ") + each.name;
            if (all.page.empty()) all.page = each.page;
        }
        if (!all.subject.empty()) break;
    }
    all.subject = text::cut(all.subject, limits::forge_words_bytes);
    return all;
}

} // namespace

deployment_seen deployment_in(const json::object& deployment, const json::array& statuses) {
    deployment_seen seen{.how = state::under_way,
                         .commit = text_in(deployment, "sha"),
                         .subject = name_in(deployment, "environment"),
                         .page = {}};
    for (const auto& value : statuses) {
        const auto* status = value.if_object();
        if (!status) continue;
        auto word = text_in(*status, "state");
        if (seen.page.empty()) seen.page = text_in(*status, "log_url");
        if (word == "inactive") continue;
        seen.how = state_of_deployment(word);
        break;
    }
    return seen;
}

deployment_seen runs_in(const json::array& runs, const json::array& suites, std::string_view branch) {
    std::vector<part> parts;
    std::set<std::string> known; // a workflow that ran again is what it was the last time
    for (const auto& value : runs) {
        const auto* run = value.if_object();
        if (!run || !known.insert(text_in(*run, "name")).second) continue;
        parts.push_back({name_in(*run, "name"), text_in(*run, "html_url"), state_of_run(*run)});
    }
    for (const auto& value : suites) {
        const auto* suite = value.if_object();
        const auto* app = suite ? object_in(*suite, "app") : nullptr;
        if (!app || text_in(*app, "slug") == "github-actions" || text_in(*suite, "head_branch") != branch) continue;
        if (whole_in(*suite, "latest_check_runs_count").value_or(0) == 0) continue; // an app that never says anything
        parts.push_back({name_in(*app, "name"), {}, state_of_run(*suite)});
    }
    return together(parts);
}

namespace {

std::string show_deployments() {
    return told<"show its deployments", "показать развёртывания">();
}

/// The newest deployment that a filter finds; `nothing` when there is none.
awaitable<outcome<deployment_seen>> newest(github_repository& at, std::string filter) {
    auto all = co_await at.look(fmt::format("/deployments?{}&per_page=1", filter), "", show_deployments());
    if (!all) co_return std::unexpected(std::move(all.error()));
    if (all->empty() || !all->front().is_object()) co_return deployment_seen{};
    const auto& one = all->front().get_object();
    auto statuses = co_await at.look(
        fmt::format("/deployments/{}/statuses?per_page=100", whole_in(one, "id").value_or(0)), "", show_deployments());
    if (!statuses) co_return std::unexpected(std::move(statuses.error()));
    co_return deployment_in(one, *statuses);
}

awaitable<outcome<deployment_seen>> in_environment(github_repository& at, deployment_question about) {
    auto environment = "environment=" + percent_encoded(about.environment);
    auto ours = co_await newest(at, fmt::format("sha={}&{}", about.commit, environment));
    if (!ours || ours->how == state::well) co_return ours;
    // A later commit that has ours in it may have been deployed instead.
    auto latest = co_await newest(at, environment);
    if (!latest) co_return latest;
    co_return latest->how == state::well ? latest : ours;
}

awaitable<outcome<deployment_seen>> by_runs(github_repository& at, deployment_question about) {
    const auto doing = told<"show its workflow runs", "показать запуски workflow">();
    auto runs = co_await at.look(
        fmt::format("/actions/runs?head_sha={}&branch={}&per_page=100", about.commit, percent_encoded(about.branch)),
        "workflow_runs", doing);
    if (!runs) co_return std::unexpected(std::move(runs.error()));
    auto suites =
        co_await at.look(fmt::format("/commits/{}/check-suites?per_page=100", about.commit), "check_suites", doing);
    if (!suites) co_return std::unexpected(std::move(suites.error()));
    co_return runs_in(*runs, *suites, about.branch);
}

} // namespace

awaitable<outcome<deployment_seen>> deployment_at(github_repository& at, deployment_question about) {
    if (about.environment.empty()) co_return co_await by_runs(at, std::move(about));
    co_return co_await in_environment(at, std::move(about));
}

} // namespace persais::forge
