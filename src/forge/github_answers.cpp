#include "forge/github_answers.hpp"

#include "base/comma_parts.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "forge/limits.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <map>

#include <fmt/format.h>

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

std::string_view cut_host(std::string_view url) {
    auto parts = cut_url(url);
    return parts ? parts->host : url;
}

std::optional<std::chrono::seconds> seconds_in(std::string_view text) {
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc() || end != text.data() + text.size() || n < 0) return std::nullopt;
    return std::min(std::chrono::seconds(n), limits::forge_retry_most);
}

/// GraphQL says it in an answer that is 200.
bool is_limited(const json_api::reply& came) {
    const auto* body = came.body.if_object();
    const auto* errors = body ? array_in(*body, "errors") : nullptr;
    return errors && std::ranges::any_of(*errors, [](const json::value& each) {
               return each.is_object() && text_in(each.get_object(), "type") == "RATE_LIMITED";
           });
}

bool too_many(const json_api::reply& came, const std::string& words) {
    if (is_limited(came)) return true;
    constexpr int too_many_requests = 429, forbidden = 403;
    if (came.status == too_many_requests) return true;
    return came.status == forbidden &&
           (!http::header(came.fields, "Retry-After").empty() ||
            http::header(came.fields, "X-RateLimit-Remaining") == "0" || words.contains("rate limit"));
}

/// How long it is until the limit is lifted, by GitHub's own clock; nullopt: it does not say.
std::optional<std::chrono::seconds> pause_in(const json_api::reply& came) {
    if (auto seconds = seconds_in(http::header(came.fields, "Retry-After"))) return seconds;
    if (http::header(came.fields, "X-RateLimit-Remaining") != "0") return std::nullopt;
    std::int64_t reset = 0;
    auto text = http::header(came.fields, "X-RateLimit-Reset");
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), reset);
    std::tm now{};
    const std::string date(http::header(came.fields, "Date"));
    if (ec != std::errc() || !::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &now)) return std::nullopt;
    // A second more, because both are whole seconds.
    return std::clamp(std::chrono::seconds(reset - ::timegm(&now) + 1), std::chrono::seconds(1),
                      std::chrono::seconds(limits::forge_retry_most));
}

trouble away(const json_api::reply& came) {
    return {trouble::kind::away,
            told<"GitHub answers {}; it is asked again.", "GitHub отвечает {}; запрос повторится.">(came.status),
            pause_in(came)};
}

trouble later(const json_api::reply& came) {
    const auto pause = pause_in(came).value_or(limits::forge_retry_default);
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(pause).count();
    return {trouble::kind::away,
            told<"GitHub takes no more requests of this token for {} min; then it is asked again.",
                 "GitHub не принимает запросов с этим токеном ещё {} мин.; потом запрос повторится.">(minutes),
            pause};
}

/// What a scope, or a fine-grained right, is missing, as GitHub's header fields say; a sentence with a blank before it.
std::string missing_right(const json_api::reply& came) {
    auto field = [&](std::string_view name) {
        return text::cut(text::printable(std::string(http::header(came.fields, name))), limits::forge_words_bytes);
    };
    if (auto sso = field("X-GitHub-SSO"); sso.starts_with("required"))
        return told<" Its owner has to authorize it for the organisation: {}",
                    " Владелец должен разрешить его для организации: {}">(
            sso.substr(std::min(sso.find("url=") == sso.npos ? sso.size() : sso.find("url=") + 4, sso.size())));
    if (auto rights = field("X-Accepted-GitHub-Permissions"); !rights.empty())
        return told<" It needs: {}.", " Ему нужно: {}.">(rights);
    auto scopes = field("X-Accepted-OAuth-Scopes");
    if (scopes.empty()) return {};
    auto has = field("X-OAuth-Scopes");
    if (has.empty()) has = told<"none", "никаких">();
    return told<" It has the scopes: {}; this takes one of: {}.", " Его права (scopes): {}; нужно одно из: {}.">(
        has, scopes);
}

/// What a classic token cannot see because of its scopes is not there for it.
bool lacks_scope(const json_api::reply& came) {
    auto takes = http::header(came.fields, "X-Accepted-OAuth-Scopes");
    bool classic =
        std::ranges::any_of(came.fields, [](const auto& field) { return lower_case(field.first) == "x-oauth-scopes"; });
    if (takes.empty() || !classic) return false;
    const auto has = http::header(came.fields, "X-OAuth-Scopes");
    std::string held = fmt::format(", {},", has);
    for (auto one : comma_parts(takes))
        if (held.contains(fmt::format(", {},", one))) return false;
    return true;
}

trouble denied_in(const json_api::reply& came, const std::string& doing, const std::string& words) {
    constexpr int not_found = 404;
    auto missing = missing_right(came);
    if (came.status == not_found && !lacks_scope(came))
        return {trouble::kind::denied,
                told<"GitHub does not show this token what it needs to {} (404): the repository is gone or "
                     "renamed, or the token lost its right to it.",
                     "GitHub не показывает этому токену то, что нужно, чтобы {} (404): репозиторий удалён или "
                     "переименован, или токен потерял право на него.">(doing)};
    if (missing.empty())
        missing = told<" It needs `Pull requests` and `Contents`, read and write.",
                       " Ему нужны права `Pull requests` и `Contents` на чтение и запись.">();
    return {trouble::kind::denied,
            told<"GitHub does not let this token {}: {}.{}", "GitHub не даёт этому токену {}: {}.{}">(doing, words,
                                                                                                      missing)};
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
    constexpr auto refused = trouble::kind::refused, moved = trouble::kind::moved;
    constexpr int redirect = 300, client = 400, forbidden = 403, not_found = 404, conflict = 409, server = 500;
    const auto words = words_in(came);
    if (too_many(came, words)) return later(came);
    if (came.status >= server) return away(came);
    if (came.status == forbidden && words.contains("archived"))
        return {refused, told<"GitHub has the repository in its archive: nothing in it can be changed.",
                              "GitHub держит репозиторий в архиве: в нём ничего нельзя изменить.">()};
    if (came.status == forbidden || came.status == not_found) return denied_in(came, doing, words);
    if (came.status >= redirect && came.status < client)
        return {refused, told<"GitHub sends the request for this to another host ({}), where the token does not go.",
                              "GitHub отправляет запрос на другой хост ({}), а токен туда не уходит.">(
                             text::cut(text::printable(std::string(cut_host(http::header(came.fields, "Location")))),
                                       limits::forge_name_bytes))};
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

int issue_number_in(const json::object& of) {
    auto number = whole_in(of, "number").value_or(0);
    return number > 0 && number <= std::numeric_limits<int>::max() ? static_cast<int>(number) : 0;
}

std::string id_in(const json::object& of) {
    return std::to_string(std::max<std::int64_t>(whole_in(of, "id").value_or(0), 0));
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
        if (rule && text_in(*rule, "type") == "merge_queue") of.queue = true;
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
    if (what.queue && what.approvals && reviews.approvals >= *what.approvals) return {}; // but for the queue itself
    return {obstacle::kind::review, {}, {}}; // approvals, or a rule that this token may not see
}

} // namespace persais::forge
