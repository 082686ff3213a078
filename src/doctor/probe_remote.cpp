#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "doctor/probes.hpp"
#include "doctor/remote.hpp"
#include "forge/place.hpp"
#include "git/probe.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;

git::remote remote_of(const config::settings& s) {
    return {.url = s.git_remote_url,
            .token = s.git_access_token,
            .token_user = forge::token_user(s.git_remote_url, s.forge),
            .ca_file = s.git_ssl_cainfo,
            .ssh_key = s.git_ssh_key,
            .known_hosts = s.git_ssh_known_hosts};
}

namespace {

std::string_view word_of(git::error_kind kind) {
    using enum git::error_kind;
    switch (kind) {
    case not_found:
        return "not_found";
    case no_read:
        return "no_read";
    case no_push:
        return "no_push";
    case protected_branch:
        return "protected_branch";
    case network:
        return "network";
    case refused_url:
        return "refused_url";
    case disk_full:
        return "disk_full";
    default:
        return "other";
    }
}

/// Advice about where to begin; git's own sentence, which is shown before it, says what to do as well.
std::string advice_for(git::error_kind kind, bool local) {
    using enum git::error_kind;
    switch (kind) {
    case not_found:
        return local
                   ? "Correct GIT_REMOTE_URL."
                   : told<"Correct GIT_REMOTE_URL; a private repository needs GIT_ACCESS_TOKEN or GIT_SSH_KEY.",
                          "Исправьте GIT_REMOTE_URL; закрытому репозиторию нужен GIT_ACCESS_TOKEN или GIT_SSH_KEY.">();
    case refused_url:
        return "Correct GIT_REMOTE_URL.";
    case no_read:
        if (local)
            return told<"Give this user the right to read it, or name another repository in GIT_REMOTE_URL.",
                        "Дайте этому пользователю право читать его или укажите другой репозиторий в GIT_REMOTE_URL.">();
        return told<"Give a token (GIT_ACCESS_TOKEN) or key (GIT_SSH_KEY) that may read it.",
                    "Задайте токен (GIT_ACCESS_TOKEN) или ключ (GIT_SSH_KEY) с правом чтения.">();
    case no_push:
        if (local)
            return told<
                "Give this user the right to write there, or name another repository in GIT_REMOTE_URL.",
                "Дайте этому пользователю право писать туда или укажите другой репозиторий в GIT_REMOTE_URL.">();
        return told<
            "Give the token or key the right to write: GitHub `Contents: read and write` or a deploy key with write "
            "access, GitLab `write_repository` with role Developer.",
            "Дайте токену или ключу право записи: на GitHub `Contents: read and write` или deploy key с правом записи, "
            "на GitLab `write_repository` с ролью Developer.">();
    case protected_branch:
        return told<"Allow branches mechanic/* there.", "Разрешите там ветки mechanic/*.">();
    case network:
        return told<"Look at this machine's way to the network (HTTPS_PROXY, GIT_SSL_CAINFO).",
                    "Посмотрите на выход этой машины в сеть (HTTPS_PROXY, GIT_SSL_CAINFO).">();
    default:
        return told<"Try it by hand with git.", "Попробуйте вручную с git.">();
    }
}

finding trouble(std::string name, const git::failure& f, bool local) {
    return failed(std::move(name), f.sentence, advice_for(f.kind, local), {{"trouble", word_of(f.kind)}});
}

} // namespace

awaitable<findings> probe_remote(subject& of) {
    const auto& s = of.settings;
    if (s.git_remote_url.empty())
        co_return findings{
            skipped("remote",
                    told<"GIT_REMOTE_URL is not set: each task names its repository.",
                         "GIT_REMOTE_URL не задан: каждая задача называет свой репозиторий.">(),
                    told<"Set it, or run `persais init`, to have reading and pushing tried.",
                         "Задайте его или запустите `persais init`, чтобы проверить чтение и отправку.">()),
            skipped("push", told<"No remote to push to.", "Некуда отправлять.">())};
    auto where = remote_of(s);
    temp_dir folder;
    if (of.offline && !git::on_this_disk(where))
        co_return findings{skipped("remote", "Not read: offline."), skipped("push", "Not rehearsed: offline.")};
    if (auto token = co_await token_for_remote(of)) where.token = std::move(*token); // else the other probe says why
    auto seen = co_await git::look_at(folder.path(), where);
    if (!seen)
        co_return findings{trouble("remote", seen.error(), git::on_this_disk(where)),
                           skipped("push", told<"Not rehearsed: the remote cannot be read.",
                                                "Отправка не проверена: репозиторий не читается.">())};
    json::object facts{{"remote", seen->shown}, {"branches", seen->branches.size()}};
    if (seen->head) facts["head"] = *seen->head;
    auto base = s.git_base_branch.empty() ? seen->head.value_or("") : s.git_base_branch;
    findings all;
    if (seen->branches.empty())
        all.push_back(failed("remote", told<"{} can be read and is empty.", "{} читается, но пуст.">(seen->shown),
                             told<"Push a first commit to it.", "Отправьте туда первый коммит.">(), std::move(facts)));
    else if (base.empty())
        all.push_back(
            failed("remote",
                   told<"{} can be read, but its HEAD names no branch.", "{} читается, но его HEAD не называет ветку.">(
                       seen->shown),
                   told<"Name the branch that work starts from in GIT_BASE_BRANCH.",
                        "Укажите в GIT_BASE_BRANCH ветку, от которой начинать работу.">(),
                   std::move(facts)));
    else if (!seen->branches.contains(base))
        all.push_back(failed(
            "remote",
            told<"{} can be read, but has no branch {}.", "{} читается, но в нём нет ветки {}.">(seen->shown, base),
            seen->head ? told<"Correct GIT_BASE_BRANCH, or take it away: then it is {}.",
                              "Исправьте GIT_BASE_BRANCH или уберите: тогда это {}.">(*seen->head)
                       : "Correct GIT_BASE_BRANCH.",
            std::move(facts)));
    else
        all.push_back(ok("remote",
                         told<"{0} can be read: {1} {1:branch|branches}, work starts from {2}.",
                              "{0} читается: {1} {1:ветка|ветки|веток}, работа начинается от {2}.">(
                             seen->shown, number{static_cast<std::int64_t>(seen->branches.size())}, base),
                         std::move(facts)));
    auto may = co_await git::rehearse_push(folder.path(), where);
    all.push_back(may ? ok("push", told<"A push of a new branch was rehearsed; nothing was left there.",
                                        "Отправка новой ветки отрепетирована; там ничего не осталось.">())
                      : trouble("push", may.error(), seen->local));
    co_return all;
}

} // namespace persais::doctor
