#include "forge/github_answers.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/limits.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <map>

namespace persais::forge {

namespace json = boost::json;

namespace {

/// The forge's own words: one line, and not all of it when it is long.
std::string words_in(const json_api::reply& came) {
    const auto* body = came.body.if_object();
    if (!body) return {};
    auto words = text_in(*body, "message");
    if (const auto* more = array_in(*body, "errors"))
        for (const auto& each : *more) {
            auto said = each.is_object()   ? text_in(each.get_object(), "message")
                        : each.is_string() ? std::string(each.get_string())
                                           : std::string();
            if (!said.empty() && !words.contains(said)) words += (words.empty() ? "" : ": ") + said;
        }
    while (words.ends_with('.'))
        words.pop_back();
    return text::cut(text::printable(words), limits::forge_words_bytes);
}

std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc() || end != text.data() + text.size() || n < 0) return std::nullopt;
    return std::min(std::chrono::seconds(n), limits::forge_retry_most);
}

bool too_many(const json_api::reply& came, const std::string& words) {
    constexpr int too_many_requests = 429, forbidden = 403;
    if (came.status == too_many_requests) return true;
    return came.status == forbidden &&
           (!http::header(came.fields, "Retry-After").empty() ||
            http::header(came.fields, "X-RateLimit-Remaining") == "0" || words.contains("rate limit"));
}

trouble away(const json_api::reply& came) {
    return {trouble::kind::away,
            told<"GitHub answers {}; it is asked again.", "GitHub отвечает {}; запрос повторится.">(came.status),
            seconds_in(http::header(came.fields, "Retry-After"))};
}

} // namespace

request request_in(const json::object& pull) {
    request r{.number = static_cast<int>(whole_in(pull, "number").value_or(0)),
              .page = text_in(pull, "html_url"),
              .id = text_in(pull, "node_id"),
              .draft = flag_in(pull, "draft")};
    if (const auto* head = object_in(pull, "head")) r.head = text_in(*head, "sha");
    if (text_in(pull, "state") == "closed") r.now = request::state::closed;
    if (flag_in(pull, "merged") || !text_in(pull, "merged_at").empty()) {
        r.now = request::state::merged;
        r.merged_as = text_in(pull, "merge_commit_sha");
    }
    r.merge_info = text_in(pull, "mergeable_state");
    return r;
}

readiness readiness_of(const request& which) {
    const auto& how = which.merge_info;
    if (how == "clean" || how == "unstable" || how == "has_hooks") return readiness::ready;
    if (how == "dirty") return readiness::conflict;
    if (how == "behind") return readiness::outdated;
    if (how == "blocked" || how == "draft") return readiness::blocked;
    return readiness::unknown;
}

trouble trouble_in(const json_api::reply& came, const std::string& doing) {
    constexpr auto denied = trouble::kind::denied, refused = trouble::kind::refused, moved = trouble::kind::moved;
    constexpr int forbidden = 403, not_found = 404, conflict = 409, server = 500;
    const auto words = words_in(came);
    if (too_many(came, words)) {
        auto later = away(came);
        later.sentence = told<"GitHub takes no more requests of this token for now; it is asked again.",
                              "GitHub пока не принимает больше запросов с этим токеном; запрос повторится.">();
        if (!later.retry_after) later.retry_after = limits::forge_retry_default;
        return later;
    }
    if (came.status >= server) return away(came);
    if (came.status == forbidden)
        return {denied, told<"GitHub does not let this token {}: {}. It needs `Pull requests` and `Contents`, read and "
                             "write.",
                             "GitHub не даёт этому токену {}: {}. Ему нужны права `Pull requests` и `Contents` на "
                             "чтение и запись.">(doing, words)};
    if (came.status == not_found)
        return {denied, told<"GitHub does not show this token what it needs to {} (404): the repository is gone or "
                             "renamed, or the token lost its right to it.",
                             "GitHub не показывает этому токену то, что нужно, чтобы {} (404): репозиторий удалён или "
                             "переименован, или токен потерял право на него.">(doing)};
    // 409 when the request's own branch changed; 405, like all that cannot be merged, when the base branch did.
    if (came.status == conflict || words.contains("was modified")) return {moved, words};
    return {refused,
            told<"GitHub does not {} ({}): {}.", "GitHub отказывается {} ({}): {}.">(doing, came.status, words)};
}

trouble trouble_of(const refusal& why) {
    if (why.what == refusal::kind::unreached) return {trouble::kind::away, why.sentence};
    return {trouble::kind::denied, told<"GitHub does not know the token any more: it is wrong, expired or revoked.",
                                        "GitHub больше не знает этот токен: он неверен, истёк или отозван.">()};
}

std::optional<time_point> time_in(std::string_view text) {
    std::tm when{};
    const std::string copy(text);
    if (!::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &when)) return std::nullopt;
    return time_point(std::chrono::seconds(::timegm(&when)));
}

std::vector<check_seen> checks_in(const json::array& check_runs, const json::array& statuses) {
    std::map<std::string, check_seen> newest; // the API lists the newest first
    auto add = [&](check_seen each) {
        if (!each.name.empty()) newest.try_emplace(each.name, each);
    };
    for (const auto& value : check_runs) {
        const auto* run = value.if_object();
        if (!run) continue;
        auto how = check_seen::state::running;
        auto conclusion = text_in(*run, "conclusion");
        if (conclusion == "success" || conclusion == "neutral" || conclusion == "skipped")
            how = check_seen::state::green;
        else if (!conclusion.empty() && conclusion != "action_required")
            how = check_seen::state::red;
        add({text_in(*run, "name"), how, text_in(*run, "html_url"), time_in(text_in(*run, "started_at"))});
    }
    for (const auto& value : statuses) {
        const auto* status = value.if_object();
        if (!status) continue;
        auto said = text_in(*status, "state");
        auto how = said == "success"   ? check_seen::state::green
                   : said == "pending" ? check_seen::state::running
                                       : check_seen::state::red;
        add({text_in(*status, "context"), how, text_in(*status, "target_url"),
             time_in(text_in(*status, "created_at"))});
    }
    std::vector<check_seen> all;
    for (auto& [name, each] : newest)
        all.push_back(std::move(each));
    return all;
}

namespace {

void add_required(gate& of, std::string name) {
    if (!name.empty() && std::ranges::find(of.required, name) == of.required.end())
        of.required.push_back(std::move(name));
}

} // namespace

void require_by_branch(gate& of, const json::object& branch) {
    const auto* protection = object_in(branch, "protection");
    const auto* checks = protection ? object_in(*protection, "required_status_checks") : nullptr;
    if (!checks) return;
    for (auto& name : texts_in(*checks, "contexts"))
        add_required(of, std::move(name));
}

void require_by_rules(gate& of, const json::array& rules) {
    for (const auto& value : rules) {
        const auto* rule = value.if_object();
        const auto* more = rule ? object_in(*rule, "parameters") : nullptr;
        if (!more) continue;
        if (const auto* checks = array_in(*more, "required_status_checks"))
            for (const auto& each : *checks)
                if (each.is_object()) add_required(of, text_in(each.get_object(), "context"));
        if (auto n = whole_in(*more, "required_approving_review_count"))
            of.approvals = std::max(of.approvals.value_or(0), static_cast<int>(*n));
    }
}

reviews_seen reviews_in(const json::array& all) {
    std::map<std::string, std::string> newest; // the API lists the oldest first
    for (const auto& value : all) {
        const auto* review = value.if_object();
        const auto* who = review ? object_in(*review, "user") : nullptr;
        auto said = review ? text_in(*review, "state") : std::string();
        if (who && (said == "APPROVED" || said == "CHANGES_REQUESTED" || said == "DISMISSED"))
            newest[text_in(*who, "login")] = said;
    }
    reviews_seen seen;
    for (const auto& [login, said] : newest) {
        if (said == "APPROVED") ++seen.approvals;
        if (said == "CHANGES_REQUESTED") seen.against = text::cut(text::printable(login), limits::forge_name_bytes);
    }
    return seen;
}

obstacle obstacle_in(const gate& what, const std::vector<check_seen>& checks, const reviews_seen& reviews,
                     const std::string& runs, time_point now) {
    obstacle red{obstacle::kind::red, {}, {}}, open{obstacle::kind::checks, {}, {}};
    auto name = [](obstacle& in, const check_seen& each) {
        in.subject +=
            (in.subject.empty() ? "" : ", ") + text::cut(text::printable(each.name), limits::forge_name_bytes);
        if (in.page.empty()) in.page = each.page;
    };
    for (const auto& required : what.required) {
        auto found = std::ranges::find(checks, required, &check_seen::name);
        auto seen = found == checks.end() ? check_seen{.name = required, .how = check_seen::state::missing, .page = {}}
                                          : *found;
        if (seen.how == check_seen::state::green) continue;
        name(seen.how == check_seen::state::red ? red : open, seen);
        if (seen.since && seen.how == check_seen::state::running) {
            auto minutes = std::chrono::duration_cast<std::chrono::minutes>(now - *seen.since);
            open.running = std::max(open.running.value_or(std::chrono::minutes(0)), minutes);
        }
    }
    if (!red.subject.empty()) return red;
    if (!runs.empty()) return {obstacle::kind::runs, {}, runs};
    if (!open.subject.empty()) return open;
    if (!reviews.against.empty()) return {obstacle::kind::changes_wanted, reviews.against, {}};
    return {obstacle::kind::review, {}, {}}; // approvals, or a rule that this token may not see
}

} // namespace persais::forge
