#include "git/explain.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "git/explain_ssh.hpp"
#include "git/limits.hpp"
#include "git/said.hpp"
#include "sandbox/child.hpp"

#include <array>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {
namespace {

using sandbox::ended;

/// Whether git, which quotes the system's error here, reports a full disk.
bool about_a_full_disk(const said& text) {
    return text.any({"no space left on device", "disk quota exceeded", "out of diskspace"});
}
bool about_a_broken_disk(const said& text) {
    return text.any({"input/output error", "read-only file system", "structure needs cleaning",
                     "unable to migrate objects to permanent storage"});
}
/// Whether git failed to write a file on this machine without quoting the system's error.
bool about_a_file_not_written(const said& text) {
    return text.any({"couldn't write", "could not write", "failed to write", "unable to write",
                     "unable to update local ref", "update_ref failed", "couldn't set 'refs/", "error writing"});
}

/// Whether the remote, which is a local folder, failed to create a folder. git does not tell the cause, so the
/// permissions are checked: with them it is the disk.
bool about_a_folder_not_made(const said& text, const address& at) {
    if (!at.local() || !text.any({"unable to create temporary object directory"})) return false;
    auto writable = [&](const char* objects) { return ::access((at.url + objects).c_str(), W_OK | X_OK) == 0; };
    return writable("/objects") || writable("/.git/objects");
}

/// What the server itself said of a push.
std::string lines_of_server(std::string_view error) {
    std::string kept;
    while (!error.empty()) {
        auto line = error.substr(0, error.find('\n'));
        error.remove_prefix(std::min(line.size() + 1, error.size()));
        if (line.starts_with("remote:")) kept.append(line).append("\n");
    }
    return kept;
}

bool decoration(std::string_view line) {
    for (std::string_view start : {"hint:", "warning:", "To ", "Updating ", "Enumerating", "Counting", "Compressing",
                                   "Receiving", "Resolving", "Writing", "Total ", "Delta ", "Everything up",
                                   "Please make sure you have the correct access", "and the repository exists", "@@@"})
        if (line.starts_with(start)) return true;
    return line.empty() || line == "Done";
}

struct story {
    const said& text;
    const address& at;
    doing what;
    std::string quote;
    std::string_view raw;
    std::string_view key; // ssh: the fingerprint of the key, may be empty

    failure tell(error_kind kind, std::string sentence) const { return {kind, std::move(sentence)}; }

    std::optional<failure> size_and_disk() const {
        if (text.status() == 413 ||
            text.any({"gh001", "exceeds github's file size limit", "maximum allowed size", "request entity too large"}))
            return tell(error_kind::too_large,
                        told<"{} refuses the push as too large: {}",
                             "{} не принимает ветку, потому что она слишком велика: {}">(at.shown, quote));
        if (about_a_broken_disk(text) || (what == doing::pushing && about_a_folder_not_made(text, at))) {
            bool theirs = what == doing::pushing && text.any({"remote:", "remote unpack", "[remote rejected]"});
            return tell(error_kind::disk_full,
                        told<"The disk of {} fails; nothing was {}: {}", "Сбой диска ({}); ничего не {}: {}">(
                            theirs ? at.shown : told<"this machine", "эта машина">(),
                            what == doing::pushing ? told<"pushed", "отправлено">() : told<"taken over", "принято">(),
                            quote));
        }
        if (what != doing::pushing && !about_a_full_disk(text) && about_a_file_not_written(text))
            return tell(error_kind::disk_full,
                        told<"The disk of this machine took no file of git's, as when it is full: make room "
                             "under PERSAIS_DATA and retry. {}",
                             "Диск этой машины не принял файл git, как бывает, когда он полон: освободите место в "
                             "PERSAIS_DATA и повторите. {}">(quote));
        if (!about_a_full_disk(text)) return std::nullopt;
        if (what == doing::pushing)
            return tell(
                error_kind::disk_full,
                told<"The disk of {} is full (or its quota used up); nothing was "
                     "pushed. Make room there and retry.",
                     "Диск на {} полон (или исчерпана квота); ничего не отправлено. Освободите там место и повторите.">(
                    at.shown));
        return tell(
            error_kind::disk_full,
            told<"The disk of this machine is full (or the quota used up): make room under "
                 "PERSAIS_DATA and retry.",
                 "Диск этой машины полон (или исчерпана квота): освободите место в PERSAIS_DATA и повторите.">());
    }

    /// The answer of a server that understood a push and refused it.
    std::optional<failure> refused_push() const {
        if (what != doing::pushing) return std::nullopt;
        said server(lines_of_server(raw)); // a branch's name may have such words too
        if (server.any({"signed off", "signed-off", "sign-off", "signoff"}))
            return tell(
                error_kind::protected_branch,
                told<"{} takes only commits with a sign-off: set GIT_SIGN_OFF=on and retry the task ({}).",
                     "{} принимает только коммиты со строкой Signed-off-by: задайте GIT_SIGN_OFF=on и повторите "
                     "задачу ({}).">(at.shown, quote));
        // GitHub, GitLab and Gitea in this order, then what hooks of people's own say that ask `git verify-commit`.
        if (server.any({"must have verified signatures", "must have valid signatures", "commit must be signed",
                        "protected from unverified commit", "unsigned commit", "not signed", "no signature"}))
            return tell(
                error_kind::protected_branch,
                told<"{} takes only commits that are signed by a key that it knows: give an ssh key as "
                     "GIT_SIGNING_KEY, register its public half there as a signing key, and retry the task ({}).",
                     "{} принимает только коммиты, подписанные известным ему ключом: задайте ключ ssh в "
                     "GIT_SIGNING_KEY, зарегистрируйте там его открытую половину как ключ подписи и повторите "
                     "задачу ({}).">(at.shown, quote));
        if (text.any({"gh006", "protected branch", "gh013", "rule violations", "protected ref"}))
            return tell(error_kind::protected_branch,
                        at.ssh() ? told<"{} protects this branch from the push ({}). Allow it there for the key's "
                                        "owner, or use another branch.",
                                        "{} защищает эту ветку от отправки ({}). Разрешите её там владельцу ключа или "
                                        "возьмите другую ветку.">(at.shown, quote)
                                 : told<"{} protects this branch from the push ({}). Allow it there for the token's "
                                        "owner, or use another branch.",
                                        "{} защищает эту ветку от отправки ({}). Разрешите её там владельцу токена или "
                                        "возьмите другую ветку.">(at.shown, quote));
        if (text.any({"hook declined", "gl-hook-err", "denynonfastforwards", "denying non-fast-forward",
                      "refusing to update checked out branch", "branch is currently checked out",
                      "deny updating a hidden ref", "(push declined"}))
            return tell(
                error_kind::protected_branch,
                told<"{} refused the push by a rule of its own: {}", "{} отклоняет отправку по своему правилу: {}">(
                    at.shown, quote));
        if (text.any({"' exists; cannot create", "directory/file conflict", "unable to create new ref"}))
            return tell(
                error_kind::other,
                told<"{} has a branch whose name stands in the way ({}): rename or delete it "
                     "there.",
                     "На {} мешает ветка с таким именем ({}): переименуйте или удалите её там.">(at.shown, quote));
        if (text.any({"stale info", "fetch first", "non-fast-forward", "cannot lock ref", "reference already exists",
                      "failed to update ref", "incorrect old value"}))
            return tell(error_kind::moved,
                        told<"The branch on {} was changed by somebody else; nothing was "
                             "overwritten.",
                             "Ветку на {} изменил кто-то другой; ничего не перезаписано.">(at.shown));
        return std::nullopt;
    }

    ssh_story by_ssh() const { return {text, at, what, quote, raw, key}; }

    std::optional<failure> connection() const { return at.ssh() ? by_ssh().connection() : std::nullopt; }

    std::optional<failure> rights() const {
        if (at.ssh()) return by_ssh().rights();
        bool refused =
            text.status() == 403 || text.any({"permission to", "access denied", "not allowed to", "write access",
                                              "unable to create temporary object directory", "insufficient permission",
                                              "permission denied", "authorization failed", "forbidden"});
        bool unknown =
            text.status() == 401 || text.any({"authentication failed", "could not read username", "invalid credentials",
                                              "could not read password", "invalid username"});
        if (!refused && !unknown) return std::nullopt;
        if (what == doing::pushing)
            return tell(
                error_kind::no_push,
                at.local() ? told<"This user may not write to {}: {}", "Этому пользователю нельзя писать в {}: {}">(
                                 at.shown, quote)
                : unknown
                    ? told<"{} wants a token that may push: give one as GIT_ACCESS_TOKEN.",
                           "{} требует токен с правом записи: задайте его в GIT_ACCESS_TOKEN.">(at.shown)
                    : told<"The token may not push to {}: give it the right to write (contents) "
                           "there, or use another one.",
                           "Токен не даёт записывать в {}: дайте ему там право записи (contents) или возьмите другой.">(
                          at.shown));
        if (at.local())
            return tell(
                error_kind::no_read,
                told<"This user may not read {}: {}", "Этому пользователю нельзя читать {}: {}">(at.shown, quote));
        if (text.any({"could not read username", "could not read password"}))
            return tell(
                error_kind::no_read,
                told<
                    "{} does not exist or is private: check the address, and give a token "
                    "that may read it as GIT_ACCESS_TOKEN.",
                    "{} не существует или закрыт: проверьте адрес и задайте в GIT_ACCESS_TOKEN токен с правом чтения.">(
                    at.shown));
        return tell(error_kind::no_read, told<"{} refuses the token: it is wrong, expired, or may not read this "
                                              "repository. Check GIT_ACCESS_TOKEN.",
                                              "{} не принимает токен: он неверен, истёк или не даёт читать этот "
                                              "репозиторий. Проверьте GIT_ACCESS_TOKEN.">(at.shown));
    }

    std::optional<failure> place() const {
        if (text.status() == 404 ||
            text.any({"repository not found", "does not appear to be a git repository", "' not found",
                      "could not be found", "no such file or directory", "not a git repository"}))
            return tell(error_kind::not_found,
                        at.local()
                            ? told<"There is no git repository at {}.", "По адресу {} нет репозитория git.">(at.shown)
                            : told<"There is no repository at {}, or the token may not see it: check the "
                                   "address and GIT_ACCESS_TOKEN.",
                                   "По адресу {} нет репозитория, или токен не даёт его видеть: проверьте адрес и "
                                   "GIT_ACCESS_TOKEN.">(at.shown));
        if (text.status() / 100 == 3 || text.any({"unable to update url base"}))
            return tell(error_kind::not_found,
                        told<"{} answers with a redirect, and a token is never sent along one: "
                             "give the repository's present address (some hosts want .git at "
                             "its end).",
                             "{} отвечает перенаправлением, а токен по нему не отправляется: задайте нынешний адрес "
                             "репозитория (некоторым хостам нужно .git в конце).">(at.shown));
        return std::nullopt;
    }

    std::optional<failure> network() const {
        if (text.any({"certificate"}) || (!cut_off(text) && text.any({"ssl", "tls"}))) // "GnuTLS recv error"
            return tell(
                error_kind::network,
                told<"No trusted connection to {}: {}. A private authority's certificate "
                     "is given as GIT_SSL_CAINFO.",
                     "Нет доверенного соединения с {}: {}. Сертификат частного центра задаётся в GIT_SSL_CAINFO.">(
                    at.shown, quote));
        // Either the shell reports that the program at the other end was killed, or git gives no reason at all. A
        // remote that refuses gives one.
        if (raw.starts_with("Killed\n") || quote == "Could not read from remote repository")
            return tell(error_kind::network,
                        told<"{} cannot be reached: {}", "Связаться с {} не удалось: {}">(at.shown, quote));
        if (cut_off(text) || text.status() / 100 == 5 || text.status() == 429 ||
            text.any({"could not resolve", "failed to connect", "couldn't connect", "connection refused", "timed out",
                      "connection reset", "network is", "no route to host", "operation too slow", "empty reply",
                      "broken pipe", "connection was closed", "recv failure", "send failure"}))
            return tell(error_kind::network,
                        told<"{} cannot be reached: {}", "Связаться с {} не удалось: {}">(at.shown, quote));
        return std::nullopt;
    }

    std::optional<failure> objects() const {
        if (what == doing::reading && text.any({"pack-objects died", "repository corruption on the remote side"})) {
            // Without a cause it may have been killed, for its memory say, so a later try may succeed.
            bool broken =
                text.any({"unable to read", "missing", "bad object", "loose object", "is corrupt", "inflate"});
            return tell(broken ? error_kind::bad_object : error_kind::network,
                        told<"The git of {} fails to pack its own objects: {}. `git fsck` there says whether they "
                             "are broken; too little memory is another cause.",
                             "git на {} не может упаковать собственные объекты: {}. Повреждены ли они, скажет там `git "
                             "fsck`; другая причина — мало памяти.">(at.shown, quote));
        }
        bool about_one = text.any({"fsck error", "error in object", "in packed object", "bad object", "missing blob",
                                   "missing tree", "did not send all necessary objects", "inflate", "is corrupt"});
        if (about_one || (!cut_off(text) && text.any({"index-pack", "unpack-objects"})))
            return tell(error_kind::bad_object,
                        told<"An object of {} fails git's checks: {}", "Объект из {} не проходит проверку git: {}">(
                            at.shown, quote));
        return std::nullopt;
    }
};

/// Of what is too long the beginning and, which is more, the end stay: a server that refuses says why at its end.
std::string without_middle(std::string all) {
    constexpr std::string_view gap = " … ";
    if (all.size() <= limits::git_words_bytes) return all;
    constexpr auto first = limits::git_words_bytes / 3;
    auto last = all.size() - (limits::git_words_bytes - first - gap.size());
    while (last < all.size() && (static_cast<unsigned char>(all[last]) & 0xc0) == 0x80)
        ++last; // not inside a character
    return persais::text::cut(all, first) + std::string(gap) + all.substr(last);
}

} // namespace

std::string words_of(std::string_view standard_error, const secret& token) {
    // Control characters are removed first, because one inside the token must not hide it.
    auto whole = without(persais::text::printable(standard_error), token);
    std::string kept;
    std::string_view rest = whole;
    while (!rest.empty()) {
        auto end = rest.find('\n');
        std::string_view line = persais::text::trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (decoration(line)) continue;
        for (std::string_view prefix : {"remote:", "fatal:", "error:"})
            if (line.starts_with(prefix)) line = persais::text::trim(line.substr(prefix.size()));
        if (decoration(line) || kept.find(line) != std::string::npos) continue;
        if (!kept.empty()) kept += "; ";
        kept += line;
    }
    kept = without_middle(std::move(kept));
    while (!kept.empty() && (kept.back() == '.' || kept.back() == ';' || kept.back() == ' '))
        kept.pop_back();
    return kept.empty() ? told<"git gave no reason", "git не назвал причину">() : kept;
}

failure explain(const sandbox::child_result& result, const address& at, doing what, const secret& token,
                std::string_view key) {
    if (result.how == ended::timed_out || result.how == ended::went_idle)
        return {error_kind::network,
                told<"{} was too slow: git was stopped after {} s.",
                     "{} отвечает слишком медленно: git остановлен через {} с.">(
                    at.shown, std::chrono::duration_cast<std::chrono::seconds>(result.took).count())};
    if (result.how != ended::exited) return explain_local(result, "git", token);
    std::string all = result.error + "\n" + result.output;
    said text(all);
    story now{text, at, what, words_of(what == doing::pushing ? all : result.error, token), result.error, key};
    // The order matters: a full disk also says "unpack failed", and a protected branch also says "rejected".
    for (auto part : {&story::connection, &story::size_and_disk, &story::refused_push, &story::rights, &story::place,
                      &story::objects, &story::network})
        if (auto found = (now.*part)()) return *found;
    return {
        error_kind::other,
        told<"git and {} did not understand each other: {}", "git и {} не поняли друг друга: {}">(at.shown, now.quote)};
}

failure explain_local(const sandbox::child_result& result, std::string_view step, const secret& token) {
    if (result.how == ended::timed_out)
        return {error_kind::other, told<"{}: stopped after {} s.", "{}: остановлено через {} с.">(
                                       step, std::chrono::duration_cast<std::chrono::seconds>(result.took).count())};
    if (result.how == ended::could_not_start)
        return {error_kind::other,
                told<"{}: it could not be started (error {}).", "{}: не удалось запустить (ошибка {}).">(step,
                                                                                                         result.code)};
    if (result.how == ended::signalled)
        return {error_kind::other, told<"{}: ended by signal {}.", "{}: завершено сигналом {}.">(step, result.code)};
    if (result.how == ended::out_of_disk)
        return {result.disk == keeper::disk_excess::reserve ? error_kind::disk_full : error_kind::too_large,
                fmt::format("{} {}.", step, sandbox::disk_words(result))};
    said text(result.error);
    if (about_a_broken_disk(text))
        return {error_kind::disk_full,
                told<"The disk of this machine fails. {}: {}.", "Сбой диска этой машины. {}: {}.">(
                    step, words_of(result.error, token))};
    if (about_a_full_disk(text))
        return {error_kind::disk_full,
                told<"The disk of this machine is full (or the quota used up): make room under PERSAIS_DATA "
                     "and retry.",
                     "Диск этой машины полон (или исчерпана квота): освободите место в PERSAIS_DATA и повторите.">()};
    if (about_a_file_not_written(text))
        return {error_kind::disk_full,
                told<"The disk of this machine took no file of git's, as when it is full: make room under "
                     "PERSAIS_DATA and retry. {}: {}.",
                     "Диск этой машины не принял файл git, как бывает, когда он полон: освободите место в PERSAIS_DATA "
                     "и повторите. {}: {}.">(step, words_of(result.error, token))};
    if (text.any({"fsck", "bad object", "error in object", "in packed object", "broken", "missing blob", "missing tree",
                  "inflate", "did not find object", "pack is corrupted", "index-pack"}))
        return {error_kind::bad_object,
                told<"{}: git's object check refused it: {}.", "{}: проверка объектов git это отклонила: {}.">(
                    step, words_of(result.error, token))};
    return {error_kind::other, fmt::format("{}: {}.", step, words_of(result.error, token))};
}

} // namespace persais::git
