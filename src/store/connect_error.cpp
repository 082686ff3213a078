#include "store/connect_error.hpp"

#include "base/told.hpp"
#include "store/address.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::store {

namespace {

std::string hosts_in_words(const endpoint& where) {
    auto hosts = hosts_of(where.info);
    return hosts.front().empty() ? "this machine's socket" : fmt::format("{}", fmt::join(hosts, ", "));
}

std::string setting_of(const endpoint& where) {
    return where.setting.empty() ? "the embedded database" : where.setting;
}

/// `db.example.net, the host in DATABASE_URL`
std::string host_in(const endpoint& where) {
    if (where.setting.empty()) return "the embedded database at " + hosts_in_words(where);
    return fmt::format("{}, the host in {}", hosts_in_words(where), where.setting);
}

bool has(const std::string& text, std::initializer_list<const char*> parts) {
    return std::ranges::any_of(parts, [&](const char* part) { return text.contains(part); });
}

/// Secrets are removed because a server may repeat what it was sent, and libpq repeats what the server says.
std::string without_secrets(std::string words, const endpoint& where) {
    for (const auto& [keyword, value] : where.info.secrets)
        words = without(std::move(words), value);
    return words;
}

/// libpq's own message about one attempt, without its prefix `connection to server at "h" (a), port 5432 failed: …`.
std::string own_words(const std::string& text) {
    auto last = text.rfind("failed: ");
    auto words = last == std::string::npos ? text : text.substr(last + 8);
    words = words.substr(0, words.find('\n'));
    return std::regex_replace(words, std::regex("^(FATAL|ERROR):  ([0-9A-Z]{5}: )?"), "");
}

const char* comma(const endpoint& where) {
    return where.setting.empty() ? "" : ",";
}

/// Why the connection could not be secured; empty when the problem is another one.
std::string about_security(const std::string& text, const std::string& words, const endpoint& where) {
    auto host = hosts_in_words(where);
    auto setting = setting_of(where);
    if (text.contains("certificate verify failed"))
        return fmt::format(
            "the certificate that {} shows is not one to trust (expired, self-signed, or of an authority "
            "that is not known here): name its authority's file by sslrootcert= in {} or by "
            "SSL_CERT_FILE, or say sslmode=require there to go without proof of who answers",
            host, setting);
    if (text.contains("does not match host name"))
        return fmt::format("{}: use the name that the certificate is for in {}", words, setting);
    if (text.contains("server does not support SSL"))
        return fmt::format("{} does not offer TLS and {} asks for it: switch it on there, or say sslmode=disable in {} "
                           "where the network between is yours",
                           host, where.info.words.contains("sslmode") ? setting : "a host that is not near", setting);
    if (has(text, {"root certificate file", "could not read root certificate"}))
        return fmt::format("{}: install ca-certificates, or name a file by sslrootcert= in {} or by SSL_CERT_FILE",
                           words, setting);
    if (text.contains("channel binding"))
        return fmt::format("{} (channel_binding=require in {}; a pooler in between may not offer it)", words, setting);
    return "";
}

/// The server, its pooler or libpq does not take something that the address says: `options=-c nonsense=1`,
/// `sslmode=maybe`.
bool about_parameter(const std::string& state, const std::string& words) {
    return words.starts_with("invalid ") || state.starts_with("22") || state.starts_with("42") ||
           state.starts_with("0A") || words.contains("unsupported startup parameter");
}

std::string about_refusal(const std::string& state, const std::string& words, const endpoint& where) {
    auto setting = setting_of(where);
    if (state == "28P01")
        return told<"the server refuses the user or the password in {}",
                    "сервер не принимает пользователя или пароль из {}">(setting);
    if (state.starts_with("28"))
        return told<"the server refuses the user in {}: {}", "сервер не принимает пользователя из {}: {}">(setting,
                                                                                                           words);
    if (state == "3D000")
        return told<"the server has no database of the name in {}: create it, or correct the name",
                    "на сервере нет базы данных с именем из {}: создайте её или исправьте имя">(setting);
    if (state == "53300" || has(words, {"max_client_conn", "too many connections"}))
        return told<"the server has no connection left for us ({}): make DATABASE_POOL_SIZE smaller, raise the "
                    "limit, or use a pooler's address in {}",
                    "на сервере не осталось соединений для нас ({}): уменьшите DATABASE_POOL_SIZE, поднимите предел "
                    "или укажите в {} адрес пулера">(words, setting);
    if (state == "57P03")
        return told<"the server is starting or stopping ({})", "сервер запускается или останавливается ({})">(words);
    return "";
}

} // namespace

connect_error explained(std::string text, const endpoint& where) {
    text = std::regex_replace(text, std::regex("\n?LOCATION:[^\n]*"), "");
    while (text.ends_with('\n'))
        text.pop_back();
    auto words = own_words(text);
    auto shown = without_secrets(words, where);
    if (auto trouble = about_security(text, shown, where); !trouble.empty()) return {"08001", trouble};
    std::smatch found;
    std::string state = "08006";
    if (std::regex_search(text, found, std::regex("[A-Z]+:  ([0-9A-Z]{5}): "))) state = found[1];
    if (words.contains("no password supplied")) state = "28P01";
    if (words.starts_with("no such database")) state = "3D000"; // PgBouncer reports this with an SQLSTATE of its own
    if (state == "42501")
        return {"28000", told<"the server refuses the user in {}: {}", "сервер не принимает пользователя из {}: {}">(
                             setting_of(where), shown)};
    if (about_parameter(state, words))
        return {"08001",
                told<"the server does not take what {} says: {}", "сервер не принимает того, что сказано в {}: {}">(
                    setting_of(where), shown)};
    if (auto trouble = about_refusal(state, shown, where); !trouble.empty()) return {state, trouble};
    if (has(text, {"Connection refused", "No such file or directory"}))
        return {"08006",
                told<"nothing answers at {}: {}", "по адресу {} никто не отвечает: {}">(host_in(where), shown)};
    return {state,
            told<"the server in {} cannot be reached: {}", "связаться с сервером из {} не удалось: {}">(
                setting_of(where), shown.empty() ? told<"the connection was lost", "соединение потеряно">() : shown)};
}

connect_error unknown_host(const std::string& why, const endpoint& where) {
    return {"08006", fmt::format("{}{} is not found ({})", host_in(where), comma(where), why)};
}

connect_error no_answer(std::chrono::milliseconds limit, const endpoint& where) {
    return {"08006", fmt::format("{}{} gave no answer within {:.3g} s", host_in(where), comma(where),
                                 std::chrono::duration<double>(limit).count())};
}

connect_error only_reads(const endpoint& where) {
    return {"25006",
            fmt::format("the server in {} can only be read now: it is a standby, or was switched to read-only; "
                        "what writes waits",
                        setting_of(where))};
}

bool pooler_gave_up(const std::string& sqlstate, const std::string& words) {
    return sqlstate.starts_with("08") && has(words, {"server login", "cannot connect to server", "query_wait_timeout"});
}

} // namespace persais::store
