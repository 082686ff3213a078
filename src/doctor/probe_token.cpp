#include "base/told.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"
#include "doctor/remote.hpp"
#include "forge/clients.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

namespace {

/// Whether results go by merge requests that the token's scopes do not reach to. Only GitLab tells scopes that may be
/// enough for pushes and not for these.
bool lacks_requests(const config::settings& s, forge::kind kind, const forge::rights& v) {
    if (kind != forge::kind::gitlab || v.scopes.empty()) return false;
    if (s.deploy_strategy != "request" && s.review_request != "draft") return false;
    for (std::string_view rest = v.scopes; !rest.empty();) {
        const auto end = std::min(rest.find(", "), rest.size());
        if (rest.substr(0, end) == "api") return false;
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return true;
}

finding judge(const config::settings& s, forge::kind kind, const forge::rights& v, bool base_protected) {
    auto name = forge::name_of(kind);
    json::object facts{{"forge", name}};
    if (!v.scopes.empty()) facts["scopes"] = v.scopes;
    if (!v.expires.empty()) facts["expires"] = v.expires;
    if (v.may_push) facts["may_push"] = *v.may_push;
    if (!v.renamed.empty())
        return warn("token",
                    told<"{} has the repository as {} now.", "{}: репозиторий теперь называется {}.">(name, v.renamed),
                    told<"Change GIT_REMOTE_URL.", "Измените GIT_REMOTE_URL.">(), std::move(facts));
    if (v.archived)
        return failed("token",
                      told<"{} says that the repository is archived: nothing can be pushed.",
                           "{} говорит, что репозиторий в архиве: отправить ничего нельзя.">(name),
                      told<"Unarchive it there, or name another one in GIT_REMOTE_URL.",
                           "Верните его там из архива или укажите другой в GIT_REMOTE_URL.">(),
                      std::move(facts));
    auto scopes = v.scopes.empty() ? std::string() : fmt::format(" (scopes: {})", v.scopes);
    if (v.may_push == false)
        return failed("token",
                      told<"{} says that the token may read and not push{}.",
                           "{} говорит, что токен даёт читать, но не записывать{}.">(name, scopes),
                      kind == forge::kind::gitlab
                          ? told<"Make one with scope write_repository (api too, for merge requests), of a "
                                 "person or project with role Developer.",
                                 "Создайте токен с правом write_repository (и api для merge request), человека или "
                                 "проекта с ролью Developer.">()
                          : told<"Make one with `Contents: read and write` (and `Pull requests` for "
                                 "DEPLOY_STRATEGY=request), or scope `repo`.",
                                 "Создайте токен с `Contents: read and write` (и `Pull requests` для "
                                 "DEPLOY_STRATEGY=request) или правом `repo`.">(),
                      std::move(facts));
    if (lacks_requests(s, kind, v))
        return failed("token",
                      told<"{} knows the token{}, which has no scope `api`: merge requests need it.",
                           "{} знает токен{}, но у него нет права `api`: без него нет merge request.">(name, scopes),
                      told<"Make one with scope api, of a person or project with role Developer (Maintainer where the "
                           "base branch lets only those merge), or set DEPLOY_STRATEGY=push and REVIEW_REQUEST=off.",
                           "Создайте токен с правом api, человека или проекта с ролью Developer (Maintainer, если "
                           "сливать в основную ветку можно только с ней), или задайте DEPLOY_STRATEGY=push и "
                           "REVIEW_REQUEST=off.">(),
                      std::move(facts));
    auto says = v.may_push ? told<"{} knows the token{} and says that it may push",
                                  "{} знает токен{} и говорит, что он даёт записывать">(name, scopes)
                           : told<"{} knows the token{}", "{} знает токен{}">(name, scopes);
    auto days = days_until(v.expires);
    if (days && *days < std::chrono::duration<double, std::ratio<86400>>(limits::doctor_expiry_near).count())
        return warn("token", told<"{}; it expires in {:.0f} days.", "{}; срок истекает через {:.0f} дн.">(says, *days),
                    told<"Make a new one and set GIT_ACCESS_TOKEN before.",
                         "Создайте новый и задайте GIT_ACCESS_TOKEN раньше.">(),
                    std::move(facts));
    if (base_protected && s.deploy_strategy == "push")
        return warn(
            "token", told<"{}; the base branch is protected.", "{}; основная ветка защищена.">(says),
            told<"If it refuses direct pushes set DEPLOY_STRATEGY=request; branches mechanic/* are not concerned.",
                 "Если она не принимает прямой отправки, задайте DEPLOY_STRATEGY=request; веток mechanic/* это не "
                 "касается.">(),
            std::move(facts));
    return ok("token", says + ".", std::move(facts));
}

finding refused(const forge::place& at, const forge::refusal& why) {
    using enum forge::refusal::kind;
    const auto another = told<"Make a new token for this repository and set GIT_ACCESS_TOKEN.",
                              "Создайте новый токен для этого репозитория и задайте GIT_ACCESS_TOKEN.">();
    auto name = forge::name_of(at.kind);
    switch (why.what) {
    case unreached:
        return failed("token",
                      told<"The forge is not reached: {}", "Связаться с хостингом не удалось: {}">(why.sentence),
                      told<"Look at this machine's way to the network, and at GITHUB_API_URL and its like.",
                           "Посмотрите на выход этой машины в сеть и на GITHUB_API_URL и подобные.">());
    case wrong_token:
        return failed("token",
                      told<"{} refuses the token: it is wrong, expired or revoked.",
                           "{} не принимает токен: он неверен, истёк или отозван.">(name),
                      another);
    case no_repository:
        break;
    }
    return failed("token",
                  told<"{} shows this token no repository {} (status {}).",
                       "{} не показывает по этому токену репозиторий {} (статус {}).">(name, at.path, why.status),
                  another);
}

finding no_app(const forge::no_app_token& why) {
    return failed("token", why.sentence,
                  told<"Look at the App's settings at GitHub, at GITHUB_APP_ID and at GITHUB_APP_KEY.",
                       "Посмотрите на настройки приложения на GitHub, на GITHUB_APP_ID и GITHUB_APP_KEY.">());
}

} // namespace

std::optional<forge::place> forge_of(const config::settings& s) {
    auto at = forge::place_of(s.git_remote_url, s.forge);
    if (!at) return std::nullopt;
    switch (at->kind) {
    case forge::kind::github:
        return with_api(std::move(*at), s.github_api_url);
    case forge::kind::gitlab:
        return with_api(std::move(*at), s.gitlab_api_url);
    case forge::kind::gitea:
        return with_api(std::move(*at), s.gitea_api_url);
    }
    return std::nullopt;
}

awaitable<result<secret, forge::no_app_token>> token_for_remote(subject& of) {
    const auto& s = of.settings;
    auto at = forge_of(s);
    if (!s.git_access_token.empty() || s.github_app_id.empty() || !at || at->kind != forge::kind::github)
        co_return s.git_access_token;
    auto got = co_await forge::obtain_app_token(
        *at, {s.github_app_id, s.github_app_key}, system_clock().now(), [&of](http::fetch_spec what) {
            return fetch(of, std::move(what), told<"the forge", "хостинг">(), limits::doctor_answer_bytes);
        });
    if (!got) co_return std::unexpected(std::move(got.error()));
    co_return std::move(got->token);
}

awaitable<finding> probe_token(subject& of) {
    const auto& s = of.settings;
    if (s.git_remote_url.empty() || (s.git_access_token.empty() && s.github_app_id.empty()))
        co_return skipped(
            "token",
            told<"No GIT_ACCESS_TOKEN to ask a forge about.", "Нет GIT_ACCESS_TOKEN, о котором спросить хостинг.">());
    auto at = forge_of(s);
    if (!at)
        co_return skipped("token",
                          told<"The remote's host is no known forge, so nobody tells the token's scope.",
                               "Хост репозитория — не известный хостинг, поэтому права токена никто не назовёт.">());
    if (of.offline)
        co_return skipped("token", told<"The forge was not asked: offline.", "Хостинг не спрошен: без сети.">());
    auto token = co_await token_for_remote(of);
    if (!token) co_return no_app(token.error());
    auto forge = forge::make_client(*at, *token, [&of](http::fetch_spec what) {
        return fetch(of, std::move(what), told<"the forge", "хостинг">(), limits::doctor_answer_bytes);
    });
    auto seen = co_await forge->look();
    if (!seen) co_return refused(*at, seen.error());
    auto base = s.git_base_branch.empty() ? seen->default_branch : s.git_base_branch;
    auto kept = base.empty() ? false : co_await forge->is_protected(base);
    co_return judge(s, at->kind, *seen, kept.value_or(false));
}

} // namespace persais::doctor
