#include "config/checks.hpp"

#include "base/age_key.hpp"
#include "base/comma_parts.hpp"
#include "base/host_rules.hpp"
#include "base/networks.hpp"
#include "base/private_key.hpp"
#include "base/s3_url.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "config/co_authors.hpp"
#include "config/deploy_rules.hpp"
#include "config/postgres_address.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::config {

namespace {

bool has_blank_or_control(std::string_view value) {
    return std::ranges::any_of(value, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; });
}

bool is_one_of(char c, std::string_view more) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
}

bool is_placeholder(std::string_view value) {
    return value.size() >= 3 && std::ranges::all_of(value, [](char c) { return c == 'x' || c == 'X'; });
}

/// An address that cannot be parsed may contain a password, so it is not repeated.
std::string shown(std::string_view url) {
    return url.find('@') == url.npos ? shorten(url) : "…";
}

constexpr auto has_password =
    told_view<"has a password in it, which would reach logs and configs: set the token by itself",
              "содержит пароль, который попал бы в журналы и настройки git: задайте токен отдельно">();

} // namespace

std::string http_url(std::string_view value) {
    auto url = parse_url(value);
    if (!url || (url->scheme != "http" && url->scheme != "https") || url->host.empty())
        return told<"'{}' is no http or https address", "«{}» — не адрес http или https">(shown(value));
    if (url->user) return std::string(has_password);
    return {};
}

std::string webhook_url(std::string_view value) {
    if (auto wrong = http_url(value); !wrong.empty()) return wrong;
    auto url = parse_url(value);
    if (url->scheme != "https")
        return told<"Telegram calls https addresses only", "Telegram обращается только к адресам https">();
    if (!url->path.ends_with("/telegram/webhook") || url->query || url->fragment)
        return told<"'{}' does not end in /telegram/webhook", "«{}» не заканчивается на /telegram/webhook">(
            shorten(value));
    return {};
}

std::string postgres_url(std::string_view value) {
    if (is_placeholder(value)) return told<"is still the placeholder xxx", "всё ещё заглушка xxx">();
    if (!cut_url(value) && value.contains('=')) return postgres_address(value);
    auto url = parse_url(value);
    if (!url)
        return told<"is no address such as postgresql://user:password@host:5432/name (odd characters as %XX)",
                    "не похоже на адрес вроде postgresql://user:password@host:5432/name (особые знаки — как %XX)">();
    if (url->scheme != "postgres" && url->scheme != "postgresql")
        return told<"does not begin with postgresql://: PostgreSQL is the only database",
                    "не начинается с postgresql://, а другой базы данных, кроме PostgreSQL, нет">();
    return postgres_address(value);
}

std::string git_url(std::string_view value) {
    auto wrong =
        told<"'{}' is no https, ssh or file address and no path", "«{}» — не адрес https, ssh или file и не путь">(
            shown(value));
    if (value.starts_with('-') || has_blank_or_control(value.substr(0, 1))) return wrong;
    if (!cut_url(value)) {
        bool path =
            value.starts_with('/') || value.starts_with("./") || value.starts_with("../") || value.starts_with('~');
        auto colon = value.find(':');
        if (path || colon == value.npos) return {};
        // user@host:path is ssh; anything::else is a remote helper, which is a program that git would start.
        if (value.substr(colon).starts_with("::") || value.find('@') > colon || has_blank_or_control(value))
            return wrong;
        return {};
    }
    auto url = parse_url(value);
    if (!url) return wrong;
    if (url->password) return std::string(has_password);
    constexpr std::array<std::string_view, 4> schemes{"https", "http", "ssh", "file"};
    if (std::ranges::find(schemes, url->scheme) == schemes.end()) return wrong;
    // A token is often written in the place of the user's name.
    if (url->scheme.starts_with("http") && url->user) return std::string(has_password);
    if (url->scheme != "file" && url->host.empty()) return wrong;
    return {};
}

std::string key_text(std::string_view value) {
    return is_placeholder(value) ? told<"is still the placeholder xxx: put the real one, or leave it out",
                                        "всё ещё заглушка xxx: впишите настоящее значение или уберите строку">()
                                 : "";
}

std::string backup_url(std::string_view value) {
    if (is_placeholder(value)) return told<"is still the placeholder xxx", "всё ещё заглушка xxx">();
    if (value.starts_with('/')) return "";
    if (value.starts_with("s3:")) {
        auto read = read_s3_url(secret(std::string(value)));
        return read ? "" : read.error();
    }
    return told<"is neither s3://KEY:SECRET@BUCKET… nor an absolute path",
                "не s3://KEY:SECRET@BUCKET… и не абсолютный путь">();
}

std::string backup_key(std::string_view value) {
    if (auto wrong = key_text(value); !wrong.empty()) return wrong;
    return age_key_bytes(secret(std::string(value)))
               ? ""
               : told<"is no age key (AGE-SECRET-KEY-1…): `persais backup` makes one, as does age-keygen",
                      "не ключ age (AGE-SECRET-KEY-1…): его создаст `persais backup` или age-keygen">();
}

std::string signing_key(std::string_view value) {
    if (auto wrong = key_text(value); !wrong.empty()) return wrong;
    return wrong_with_signing_key(tidy_key(secret(std::string(value))));
}

std::string token(std::string_view value) {
    if (has_blank_or_control(value))
        return told<"has a blank or a line break inside", "содержит пробел или перевод строки">();
    return key_text(value);
}

std::string webhook_secret(std::string_view value) {
    bool plain = std::ranges::all_of(value, [](char c) { return is_one_of(c, "_-"); });
    if (!plain || value.size() > 256)
        return told<"may be 1 to 256 of A-Z a-z 0-9 _ - only",
                    "может состоять только из 1–256 знаков A-Z a-z 0-9 _ -">();
    return key_text(value);
}

std::string ip_address(std::string_view value) {
    return is_ip_address(value)
               ? ""
               : told<"'{}' is no IP address such as 0.0.0.0 or ::1", "«{}» — не адрес IP вроде 0.0.0.0 или ::1">(
                     shorten(value));
}

std::string ip_and_port(std::string_view value) {
    return parse_ip_and_port(value)
               ? ""
               : told<"'{}' is no address and port such as 127.0.0.1:9090 or [::1]:9090",
                      "«{}» — не адрес с портом вроде 127.0.0.1:9090 или [::1]:9090">(shorten(value));
}

std::string ip_ranges(std::string_view value) {
    auto read = networks::parse(value);
    return read ? "" : read.error();
}

std::string json_object(std::string_view value) {
    boost::json::error_code error;
    auto parsed = boost::json::parse(value, error);
    return !error && parsed.is_object() ? "" : "is no JSON object such as {\"order\":[\"anthropic\"]}";
}

std::string branch(std::string_view value) {
    bool odd = has_blank_or_control(value) || value.find_first_of("~^:?*[\\") != value.npos;
    bool placed = value.starts_with('-') || value.starts_with('/') || value.ends_with('/') || value.ends_with('.') ||
                  value.ends_with(".lock") || value.starts_with("refs/");
    bool doubled = value.find("..") != value.npos || value.find("//") != value.npos || value.find("@{") != value.npos;
    return odd || placed || doubled ? told<"'{}' is no name of a branch", "«{}» — не имя ветки">(shorten(value)) : "";
}

std::string person_name(std::string_view value) {
    bool odd = value.find_first_of("<>\n\r") != value.npos || value.find('\0') != value.npos;
    return odd ? told<"'{}' is no name that git takes (no < > or line breaks)",
                      "«{}» — не имя, которое примет git (без < > и переводов строки)">(shorten(value))
               : "";
}

std::string email(std::string_view value) {
    auto at = value.find('@');
    bool odd = has_blank_or_control(value) || value.find_first_of("<>") != value.npos;
    return odd || at == 0 || at == value.npos || at + 1 == value.size()
               ? told<"'{}' is no e-mail address", "«{}» — не адрес электронной почты">(shorten(value))
               : "";
}

std::string co_authors(std::string_view value) {
    for (const auto& each : co_author_lines(value)) {
        bool someone =
            each.who == "terminal" || (!each.who.empty() && each.who.find_first_not_of("0123456789") == each.who.npos);
        if (!someone || each.name.empty() || !person_name(each.name).empty() || !email(each.address).empty())
            return told<
                "'{}' is not of the form 123456=Ann Lee <ann@example.org> or terminal=Ann Lee <ann@example.org>",
                "«{}» — не в виде 123456=Ann Lee <ann@example.org> или terminal=Ann Lee <ann@example.org>">(
                shorten(each.written));
    }
    return "";
}

std::string hosts(std::string_view value) {
    auto good = [](unsigned char c) { return std::isalnum(c) || is_one_of(static_cast<char>(c), ".-_:[], "); };
    return std::ranges::all_of(value, good)
               ? ""
               : told<"'{}' is no list of hosts such as github.com,git.example.org:8443",
                      "«{}» — не список хостов вроде github.com,git.example.org:8443">(shorten(value));
}

std::string model_names(std::string_view value) {
    for (auto name : comma_parts(value)) {
        if (name.empty() || has_blank_or_control(name))
            return told<"'{}' is no list of models such as vendor/one,vendor/two",
                        "«{}» — не список моделей вроде vendor/one,vendor/two">(shorten(value));
    }
    return {};
}

std::string reachable_hosts(std::string_view value) {
    auto read = host_rules::parse(value, host_rules::author::owner);
    return read ? "" : read.error();
}

std::string deploy_rules(std::string_view value) {
    auto read = read_deploy_rules(value);
    return read ? "" : read.error();
}

std::string mention(std::string_view value) {
    constexpr std::size_t longest = 80;
    auto name = value.substr(std::min<std::size_t>(value.size(), 1));
    bool plain = std::ranges::all_of(name, [](char c) { return is_one_of(c, "-_."); });
    return value.starts_with('@') && plain && !name.empty() && value.size() <= longest
               ? ""
               : told<"'{}' is no name: write it as @name", "«{}» — не имя: напишите его как @имя">(shorten(value));
}

std::string header_name(std::string_view value) {
    bool plain = std::ranges::all_of(value, [](char c) { return is_one_of(c, "!#$%&'*+-.^_`|~"); });
    return plain ? "" : told<"'{}' is no name of an HTTP header", "«{}» — не имя заголовка HTTP">(shorten(value));
}

std::string json_pointer(std::string_view value) {
    for (std::size_t i = 0; i < value.size(); ++i)
        if (value[i] == '~' && (i + 1 == value.size() || (value[i + 1] != '0' && value[i + 1] != '1')))
            return told<"'{}' is no JSON pointer: ~ is written as ~0", "«{}» — не указатель JSON: ~ пишется как ~0">(
                shorten(value));
    bool rooted = value.empty() || value.starts_with('/');
    return rooted ? ""
                  : told<"'{}' is no JSON pointer: it begins with /", "«{}» — не указатель JSON: он начинается с /">(
                        shorten(value));
}

std::string word(std::string_view value) {
    return has_blank_or_control(value) ? told<"'{}' has a blank inside", "«{}» содержит пробел">(shorten(value)) : "";
}

std::string any_text(std::string_view) {
    return {};
}

} // namespace persais::config
