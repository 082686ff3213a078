#include "egress/request_head.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace persais::egress {

namespace {

/// Lines of a head without the first one; false: a line is no field, or the head does not end.
template <class Each>
bool each_field(std::string_view head, Each each) {
    auto end = head.find("\r\n");
    while (end != head.npos) {
        auto at = end + 2;
        end = head.find("\r\n", at);
        auto line = head.substr(at, end - at);
        if (line.empty()) return at + 2 == head.size();
        auto colon = line.find(':');
        // A blank before the colon or at the start (an old continuation) is read in different ways by different
        // servers.
        if (colon == line.npos || colon == 0 || line.find_first_of(" \t") < colon) return false;
        if (line.find_first_of("\r\n") != line.npos) return false;
        each(lower_case(line.substr(0, colon)), text::trim(line.substr(colon + 1)), line);
    }
    return false;
}

/// Fields that are about one connection, and end at a proxy.
bool is_of_the_connection(std::string_view name) {
    static constexpr std::array<std::string_view, 9> names{
        "connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate", "te", "trailer",
        "upgrade",    "expect"};
    return std::ranges::find(names, name) != names.end();
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || text.empty() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string host_field(const host_and_port& to) {
    auto whole = to_string(to);
    return to.port == http_port ? whole.substr(0, whole.rfind(':')) : whole;
}

} // namespace

std::optional<std::size_t> end_of_head(std::string_view bytes) {
    constexpr std::string_view mark = "\r\n\r\n";
    auto end = bytes.find(mark);
    return end == bytes.npos ? std::nullopt : std::optional(end + mark.size());
}

result<proxy_request, bad_request> parse_proxy_request(std::string_view head) {
    const std::unexpected bad(bad_request{400, "Bad Request"});
    if (head.contains('\0')) return bad;
    auto line = head.substr(0, head.find("\r\n"));
    auto blank = line.find(' ');
    auto last = line.rfind(' ');
    if (blank == line.npos || last == blank || !line.substr(last + 1).starts_with("HTTP/1.")) return bad;
    auto method = line.substr(0, blank);
    auto target = line.substr(blank + 1, last - blank - 1);
    if (!is_plain(method) || method.empty() || !is_plain(target)) return bad;
    proxy_request request{.tunnel = method == "CONNECT", .to = {}, .head = {}, .proxied_head = {}};
    std::string fields;
    std::optional<std::uint64_t> length;
    bool twice = false, chunks = false;
    bool fine = each_field(head, [&](const std::string& name, std::string_view value, std::string_view whole) {
        if (name == "content-length") {
            auto said = number(value);
            twice = twice || length || !said;
            length = said;
        }
        if (name == "transfer-encoding") chunks = true;
        if (name != "host" && !is_of_the_connection(name)) fields += fmt::format("{}\r\n", whole);
    });
    if (!fine || twice) return bad;
    if (request.tunnel) {
        auto to = parse_host_and_port(target, https_port);
        if (!to) return bad;
        request.to = *to;
        return request;
    }
    if (chunks) return std::unexpected(bad_request{411, "Length Required"});
    auto url = cut_url(target);
    if (!url || url->host.empty() || url->user) return bad;
    if (lower_case(url->scheme) != "http") return std::unexpected(bad_request{501, "Not Implemented"});
    auto to = parse_host_and_port(url->host_and_port, http_port);
    if (!to) return bad;
    request.to = *to;
    request.body_bytes = length.value_or(0);
    auto rest = url->after_authority.substr(0, url->after_authority.find('#'));
    auto path = (rest.starts_with('/') ? "" : "/") + std::string(rest);
    auto after = fmt::format(" HTTP/1.1\r\nHost: {}\r\n{}Connection: close\r\n", host_field(*to), fields);
    request.head = fmt::format("{} {}{}\r\n", method, path, after);
    request.proxied_head =
        fmt::format("{} http://{}{}{}", method, host_field(*to), path, after); // its end is the way's
    return request;
}

std::optional<answer_head> parse_answer_head(std::string_view head) {
    auto line = head.substr(0, head.find("\r\n"));
    auto code =
        line.size() >= 12 && line.starts_with("HTTP/1.") && line[8] == ' ' ? number(line.substr(9, 3)) : std::nullopt;
    if (!code || *code < 100) return std::nullopt;
    answer_head answer{.status = static_cast<int>(*code), .head = std::string(line) + "\r\n"};
    bool fine = each_field(head, [&](const std::string& name, std::string_view, std::string_view whole) {
        if (!is_of_the_connection(name)) answer.head += std::string(whole) + "\r\n";
    });
    if (!fine) return std::nullopt;
    constexpr int final_from = 200;
    answer.head += answer.status < final_from ? "\r\n" : "Connection: close\r\n\r\n";
    return answer;
}

std::string own_answer(int status, std::string_view reason) {
    auto body = fmt::format("{}\n", reason);
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
                       "Connection: close\r\n\r\n{}",
                       status, reason, body.size(), body);
}

} // namespace persais::egress
