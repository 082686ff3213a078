// The error messages of OpenSSH 9.2's client and of the forges' ssh servers.
#include "git/explain_ssh.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "git/address_ssh.hpp"

#include <fmt/format.h>

namespace persais::git {
namespace {

std::string named(std::string_view key) {
    return key.empty() ? told<"the key", "ключ">() : told<"the key {}", "ключ {}">(key);
}

/// The command that shows a host's keys.
std::string scan(const address& at) {
    auto port = at.port == ssh_port ? "" : fmt::format("-p {} ", at.port);
    return fmt::format("`ssh-keyscan {}{}`", port, at.host);
}

/// The first word from `start` on, without the full stop that follows it.
std::string_view word_at(std::string_view raw, std::string_view start) {
    auto from = raw.find(start);
    if (from == raw.npos) return {};
    auto word = raw.substr(from, raw.find_first_of(" \r\n", from) - from);
    return word.ends_with('.') ? word.substr(0, word.size() - 1) : word;
}

std::optional<failure> host_key(const said& text, const address& at, std::string_view raw) {
    if (text.any({"marked as revoked", "is revoked"}))
        return failure{
            error_kind::network,
            told<"{} shows a host key that GIT_SSH_KNOWN_HOSTS calls revoked; nothing was sent.",
                 "{} показывает ключ хоста, который в GIT_SSH_KNOWN_HOSTS отозван; ничего не отправлено.">(at.shown)};
    if (text.any({"host identification has changed", "host key for"})) {
        auto shown = word_at(raw, "SHA256:");
        return failure{
            error_kind::network,
            told<"{} shows another host key than the known one{}{}: somebody may stand in between, and nothing "
                 "was sent. If the host announced a new key, {} shows it: hold it against what the host "
                 "publishes, then put that line into GIT_SSH_KNOWN_HOSTS.",
                 "{} показывает не тот ключ хоста, который известен{}{}: кто-то может стоять между вами, и ничего не "
                 "отправлено. Если хост объявил новый ключ, его покажет {}: сравните его с тем, что хост публикует, и "
                 "внесите эту строку в GIT_SSH_KNOWN_HOSTS.">(at.shown, shown.empty() ? "" : ", ",
                                                              text::printable(shown), scan(at))};
    }
    if (text.any({"host key is known for", "host key verification failed"}))
        return failure{
            error_kind::network,
            told<"The host key of {} is not known, so nothing was sent: {} shows it; hold it against "
                 "what the host publishes, then put that line into GIT_SSH_KNOWN_HOSTS.",
                 "Ключ хоста {} неизвестен, поэтому ничего не отправлено: его покажет {}; сравните его с тем, что хост "
                 "публикует, и внесите эту строку в GIT_SSH_KNOWN_HOSTS.">(at.shown, scan(at))};
    return std::nullopt;
}

} // namespace

std::optional<failure> ssh_story::connection() const {
    if (text.any({"ssh: not found", "cannot run ssh", "/usr/bin/ssh: no such file"}))
        return failure{error_kind::other, told<"ssh is not installed on this machine: install openssh-client.",
                                               "ssh на этой машине не установлен: установите openssh-client.">()};
    if (text.any({"no user exists for uid"}))
        return failure{error_kind::other,
                       told<"ssh wants to run under an account with a name, and this process's user id has "
                            "none: run the service as a user that /etc/passwd knows.",
                            "ssh работает только под учётной записью с именем, а у номера пользователя этого процесса "
                            "её нет: запустите сервис под пользователем, который есть в /etc/passwd.">()};
    if (auto wrong = host_key(text, at, raw)) return wrong;
    if (text.any({"load key \""}))
        return failure{error_kind::no_read,
                       told<"ssh cannot read GIT_SSH_KEY as a private key: give the whole text of its file, "
                            "unchanged, from -----BEGIN to -----END; {} was not reached.",
                            "ssh не может прочитать GIT_SSH_KEY как закрытый ключ: задайте весь текст его файла без "
                            "изменений, от -----BEGIN до -----END; до {} дело не дошло.">(at.shown)};
    if (text.any({"permission denied (", "too many authentication failures"}))
        return failure{error_kind::no_read,
                       told<"{} does not accept {} for the user {}: add its public half there, as a deploy key "
                            "with the right to write or to an account that has it, or give another GIT_SSH_KEY.",
                            "{} не принимает {} для пользователя {}: добавьте там его открытую половину как deploy key "
                            "с правом записи или к учётной записи с этим правом либо задайте другой GIT_SSH_KEY.">(
                           at.shown, named(key), at.user)};
    if (text.any({"unable to negotiate"}))
        return failure{error_kind::network,
                       told<"{} speaks only ssh algorithms that are given up as unsafe: {}",
                            "{} знает только алгоритмы ssh, которые признаны небезопасными: {}">(at.shown, quote)};
    if (text.any({"not responding", "timed out", "banner exchange"}))
        return failure{error_kind::network, told<"{} does not answer: {}", "{} не отвечает: {}">(at.shown, quote)};
    if (text.any({"could not resolve hostname", "connect to host", "kex_exchange_identification",
                  "ssh_exchange_identification", "connection reset by", "connection closed by"}))
        return failure{error_kind::network,
                       told<"{} cannot be reached: {}", "Связаться с {} не удалось: {}">(at.shown, quote)};
    return std::nullopt;
}

std::optional<failure> ssh_story::rights() const {
    // A forge also says "not found" to a key without rights; a self-hosted server repeats the file system's error.
    if (text.any({"repository not found", "could not be found", "does not exist", "doesn't exist",
                  "cannot find repository", "does not appear to be a git repository", "not a git repository",
                  "no such file or directory", "repository does not"}))
        return failure{
            error_kind::not_found,
            told<"There is no repository at {}, or {} may not see it: check the address, and that "
                 "the key was added there.",
                 "По адресу {} нет репозитория, или {} не даёт его видеть: проверьте адрес и добавлен ли там ключ.">(
                at.shown, named(key))};
    if (text.any({"dubious ownership"}))
        return failure{error_kind::no_read,
                       told<"The repository at {} belongs to another user there than {}, and git refuses it: "
                            "use its owner's name in the address.",
                            "Репозиторий {} принадлежит там не пользователю {}, и git его не открывает: укажите в "
                            "адресе имя владельца.">(at.shown, at.user)};
    bool refused =
        text.any({"marked as read only", "read-only", "write access", "permission to", "permission denied",
                  "not allowed to", "denied to", "access denied", "unauthorized", "not authorized", "forbidden",
                  "insufficient permission", "unable to create temporary object directory", "for writing"});
    if (refused && what == doing::pushing)
        return failure{error_kind::no_push,
                       told<"{} lets {} read, but not push: give it the right to write there (of a deploy key "
                            "that is a box of its own), or use another GIT_SSH_KEY.",
                            "{} разрешает только чтение, {} не даёт записывать: дайте ему там право записи (у deploy "
                            "key это отдельная галочка) или задайте другой GIT_SSH_KEY.">(at.shown, named(key))};
    if (refused)
        return failure{error_kind::no_read, told<"{} does not let {} read this repository: {}",
                                                 "{} не разрешает читать этот репозиторий, {} не подходит: {}">(
                                                at.shown, named(key), quote)};
    return std::nullopt;
}

} // namespace persais::git
