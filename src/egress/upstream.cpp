#include "egress/upstream.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::egress {

namespace {

constexpr std::uint16_t default_port = 80;

std::string upper_case(std::string text) {
    for (auto& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

std::string get(const std::map<std::string, std::string>& environment, const std::string& name) {
    for (const auto& spelled : {name, upper_case(name)})
        if (auto found = environment.find(spelled); found != environment.end() && !found->second.empty())
            return found->second;
    return {};
}

result<std::optional<next_proxy>> read(const std::map<std::string, std::string>& environment, const std::string& name) {
    auto text = get(environment, name);
    if (text.empty()) text = get(environment, "all_proxy");
    if (text.empty()) return std::nullopt;
    if (!cut_url(text)) text = "http://" + text;
    auto url = cut_url(text);
    auto at = parse_host_and_port(url->host_and_port, default_port);
    if (lower_case(url->scheme) != "http" || !at) // its password must not be shown
        return fail(told<"{} of the environment is no proxy such as http://proxy.example.org:3128",
                         "{} в окружении — не прокси вида http://proxy.example.org:3128">(name));
    next_proxy proxy{*at, {}};
    if (url->user) {
        auto decoded = percent_decoded(*url->user) + ":" + percent_decoded(url->password.value_or(""));
        proxy.authorization = secret("Basic " + to_base64(decoded));
    }
    return proxy;
}

} // namespace

const next_proxy* upstream::for_host(const std::string& host, bool tunnel) const {
    const auto& proxy = tunnel ? https : http;
    if (!proxy) return nullptr;
    auto is_direct = [&](const std::string& each) {
        if (each == "*" || each == host) return true;
        auto below = each.starts_with('.') ? each : "." + each;
        return host.ends_with(below);
    };
    return std::ranges::any_of(direct, is_direct) ? nullptr : &*proxy;
}

result<upstream> find_upstream(const std::map<std::string, std::string>& environment) {
    upstream found;
    auto https = read(environment, "https_proxy");
    if (!https) return std::unexpected(https.error());
    auto http = read(environment, "http_proxy");
    if (!http) return std::unexpected(http.error());
    found.https = std::move(*https);
    found.http = std::move(*http);
    std::string all = get(environment, "no_proxy");
    for (std::size_t at = 0; at < all.size();) {
        auto end = std::min(all.find_first_of(", ", at), all.size());
        auto word = lower_case(text::trim(std::string_view(all).substr(at, end - at)));
        if (!word.empty()) found.direct.push_back(word);
        at = end + 1;
    }
    return found;
}

} // namespace persais::egress
