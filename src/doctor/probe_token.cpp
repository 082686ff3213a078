#include "doctor/forge.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

std::string escaped(std::string_view path) { // GitLab takes a project's path as one segment
    std::string made;
    for (char c : path)
        made += c == '/' ? std::string("%2F") : std::string(1, c);
    return made;
}

/// Whether a list such as "repo, workflow" holds a word.
bool lists(std::string_view all, std::string_view word) {
    while (!all.empty()) {
        auto end = std::min(all.find(','), all.size());
        auto one = all.substr(0, end);
        while (one.starts_with(' '))
            one.remove_prefix(1);
        if (one == word) return true;
        all.remove_prefix(std::min(end + 1, all.size()));
    }
    return false;
}

std::string joined(const json::object& of, std::string_view name) {
    std::string all;
    if (const auto* list = of.if_contains(name); list && list->is_array())
        for (const auto& one : list->get_array())
            if (one.is_string()) all += (all.empty() ? "" : ", ") + std::string(one.get_string());
    return all;
}

/// What every forge's answer is judged by in the end.
struct verdict {
    std::string host_says; // "GitHub"
    std::string scopes;    // empty: not told
    std::string expires;
    std::optional<bool> may_push;
    bool archived = false;
    bool base_protected = false;
};

finding judge(const config::settings& s, const verdict& v) {
    json::object facts{{"forge", v.host_says}};
    if (!v.scopes.empty()) facts["scopes"] = v.scopes;
    if (!v.expires.empty()) facts["expires"] = v.expires;
    if (v.may_push) facts["may_push"] = *v.may_push;
    if (v.archived)
        return failed("token",
                      fmt::format("{} says that the repository is archived: nothing can be pushed.", v.host_says),
                      "Unarchive it there, or name another one in GIT_REMOTE_URL.", std::move(facts));
    auto scopes = v.scopes.empty() ? std::string() : fmt::format(" (scopes: {})", v.scopes);
    if (v.may_push == false)
        return failed("token", fmt::format("{} says that the token may read and not push{}.", v.host_says, scopes),
                      v.host_says == "GitLab"
                          ? "Make one with scope write_repository (api too, for merge requests), of a "
                            "person or project with role Developer."
                          : "Make one with `Contents: read and write` (and `Pull requests` for "
                            "DEPLOY_STRATEGY=request), or scope `repo`.",
                      std::move(facts));
    auto says =
        fmt::format("{} knows the token{}{}", v.host_says, scopes, v.may_push ? " and says that it may push" : "");
    auto days = days_until(v.expires);
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("token", fmt::format("{}; it expires in {:.0f} days.", says, *days),
                    "Make a new one and set GIT_ACCESS_TOKEN before.", std::move(facts));
    if (v.base_protected && s.deploy_strategy == "push")
        return warn("token", says + "; the base branch is protected.",
                    "If it refuses direct pushes set DEPLOY_STRATEGY=request; branches mechanic/* are not concerned.",
                    std::move(facts));
    return ok("token", says + ".", std::move(facts));
}

struct caller {
    subject& of;
    const forge& at;
    awaitable<result<api_answer>> get(std::string path) {
        std::string value(of.settings.git_access_token.reveal());
        http::headers fields{{"User-Agent", "persais"}, {"Accept", "application/json"}};
        if (at.what == forge::kind::gitlab)
            fields.emplace_back("PRIVATE-TOKEN", value);
        else
            fields.emplace_back("Authorization", (at.what == forge::kind::gitea ? "token " : "Bearer ") + value);
        co_return co_await ask(of, {.url = at.api + path,
                                    .fields = std::move(fields),
                                    .whose = "the forge",
                                    .most = limits::doctor_answer_bytes});
    }
};

/// GitHub and Gitea answer alike: the repository with what this token may do to it.
using judged = result<verdict, finding>;

std::unexpected<finding> not_reached(const std::string& sentence) {
    return std::unexpected(failed("token", "The forge is not reached: " + sentence,
                                  "Look at this machine's way to the network, and at GITHUB_API_URL and its like."));
}
std::unexpected<finding> refused(std::string sentence) {
    return std::unexpected(
        failed("token", std::move(sentence), "Make a new token for this repository and set GIT_ACCESS_TOKEN."));
}

awaitable<judged> ask_repository(caller call, std::string name) {
    auto repository = co_await call.get("/repos/" + call.at.path);
    if (!repository) co_return not_reached(repository.error());
    if (repository->status == 401) co_return refused(name + " refuses the token: it is wrong, expired or revoked.");
    const auto* body = repository->object();
    if (repository->status != 200 || !body)
        co_return refused(
            fmt::format("{} shows this token no repository {} (status {}).", name, call.at.path, repository->status));
    verdict v{.host_says = std::move(name),
              .scopes = std::string(http::header(repository->fields, "X-OAuth-Scopes")),
              .expires = std::string(http::header(repository->fields, "github-authentication-token-expiration")),
              .archived = flag_in(*body, "archived")};
    if (const auto* may = object_in(*body, "permissions")) v.may_push = flag_in(*may, "push");
    auto base = call.of.settings.git_base_branch;
    if (base.empty()) base = text_in(*body, "default_branch");
    auto branch = co_await call.get("/repos/" + call.at.path + "/branches/" + escaped(base));
    if (branch && branch->status == 200 && branch->object()) v.base_protected = flag_in(*branch->object(), "protected");
    co_return v;
}

awaitable<judged> ask_gitlab(caller call) {
    auto self = co_await call.get("/personal_access_tokens/self");
    if (!self) co_return not_reached(self.error());
    if (self->status == 401) co_return refused("GitLab refuses the token: it is wrong, expired or revoked.");
    verdict v{.host_says = "GitLab"};
    if (const auto* body = self->status == 200 ? self->object() : nullptr) {
        v.scopes = joined(*body, "scopes");
        v.expires = text_in(*body, "expires_at");
        if (!lists(v.scopes, "write_repository") && !lists(v.scopes, "api")) v.may_push = false;
    }
    auto project = co_await call.get("/projects/" + escaped(call.at.path));
    const auto* body = project && project->status == 200 ? project->object() : nullptr;
    if (!body) co_return v; // a token for repositories alone may not ask
    v.archived = flag_in(*body, "archived");
    constexpr double developer = 30;
    double level = 0;
    if (const auto* may = object_in(*body, "permissions"))
        for (const auto* through : {"project_access", "group_access"})
            if (const auto* access = object_in(*may, through))
                level = std::max(level, number_in(*access, "access_level").value_or(0));
    if (level > 0 && !v.may_push) v.may_push = level >= developer;
    co_return v;
}

} // namespace

awaitable<finding> probe_token(subject& of) {
    const auto& s = of.settings;
    if (s.git_remote_url.empty() || s.git_access_token.empty())
        co_return skipped("token", "No GIT_ACCESS_TOKEN to ask a forge about.");
    auto at = forge_of(s);
    if (!at) co_return skipped("token", "The remote's host is no known forge, so nobody tells the token's scope.");
    if (of.offline) co_return skipped("token", "The forge was not asked: offline.");
    caller call{of, *at};
    auto seen = at->what == forge::kind::gitlab
                    ? co_await ask_gitlab(call)
                    : co_await ask_repository(call, at->what == forge::kind::github ? "GitHub" : "Gitea");
    if (!seen) co_return seen.error();
    co_return judge(s, *seen);
}

} // namespace persais::doctor
