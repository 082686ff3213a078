#include "http/route_table.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include <boost/url/pct_string_view.hpp>

namespace persais::http {

namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        auto slash = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, slash));
        path.remove_prefix(slash);
    }
    return segments;
}

bool is_plain_text(std::string_view s) {
    return text::valid_utf8(s) && std::ranges::none_of(s, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

[[noreturn]] void mistake(std::string_view pattern, std::string_view why) {
    throw std::invalid_argument("the route " + std::string(pattern) + " " + std::string(why));
}

} // namespace

route_table::pattern route_table::read(std::string_view text) {
    if (!text.starts_with('/')) mistake(text, "does not begin with a slash");
    pattern segments;
    std::set<std::string_view> names;
    for (auto piece : split(text)) {
        if (piece == "{...}") {
            if (std::ranges::any_of(segments, [](const auto& s) { return s.is == segment::rest; }))
                mistake(text, "has two {...}");
            segments.push_back({segment::rest, {}});
        } else if (piece.starts_with('{') && piece.ends_with('}') && piece.size() > 2) {
            auto name = piece.substr(1, piece.size() - 2);
            if (!names.insert(name).second) mistake(text, "has two parameters of one name");
            segments.push_back({segment::parameter, std::string(name)});
        } else {
            segments.push_back({segment::literal, std::string(piece)});
        }
        if (segments.back().text.find_first_of("{}") != std::string::npos) mistake(text, "has a brace of its own");
    }
    return segments;
}

/// Whether `a` is the more exact one at the first segment of different kinds.
bool route_table::more_exact(const pattern& a, const pattern& b) {
    return std::ranges::lexicographical_compare(a, b, {}, &segment::is, &segment::is);
}

std::size_t route_table::add(std::string method, std::string_view text) {
    auto segments = read(text);
    if (method.empty() || method == "HEAD") mistake(text, "names no method that a route can have");
    for (const auto& each : entries_)
        if (each.method == method &&
            std::ranges::equal(each.segments, segments, [](const segment& x, const segment& y) {
                return x.is == y.is && (x.is != segment::literal || x.text == y.text);
            }))
            mistake(text, "is there twice");
    entries_.push_back({std::move(method), std::move(segments)});
    return entries_.size() - 1;
}

bool route_table::fits(const pattern& p, const pieces& path, std::size_t at, std::size_t from,
                       std::vector<std::string_view>& values) {
    if (at == p.size()) return from == path.size();
    const auto& s = p[at];
    if (s.is == segment::rest) { // at most one in a pattern, so what follows says how much it takes
        auto after = p.size() - at - 1;
        return path.size() >= from + after && fits(p, path, at + 1, path.size() - after, values);
    }
    if (from == path.size()) return false;
    if (s.is == segment::literal ? path[from] != s.text : path[from].empty()) return false;
    if (s.is == segment::parameter) values.push_back(path[from]);
    return fits(p, path, at + 1, from + 1, values);
}

route_table::match route_table::bind(const pattern& p, std::size_t index, const std::vector<std::string_view>& values) {
    found f{index, {}};
    auto value = values.begin();
    for (const auto& s : p) {
        if (s.is != segment::parameter) continue;
        auto decoded = boost::urls::make_pct_string_view(*value++)->decode(); // `find` has looked at the whole path
        if (!is_plain_text(decoded)) return malformed{};
        f.path.emplace(s.text, std::move(decoded));
    }
    return f;
}

route_table::match route_table::find(std::string_view method, std::string_view path) const {
    if (!boost::urls::make_pct_string_view(path)) return malformed{};
    auto segments = split(path);
    struct candidate {
        const entry* route;
        std::vector<std::string_view> values;
    };
    std::optional<candidate> best, any;
    std::set<std::string_view> allowed;
    for (const auto& each : entries_) {
        candidate c{&each, {}};
        if (!fits(each.segments, segments, 0, 0, c.values)) continue;
        allowed.insert(each.method);
        if (each.method == "GET") allowed.insert("HEAD");
        if (!any || more_exact(each.segments, any->route->segments)) any = c;
        if (each.method != method && !(method == "HEAD" && each.method == "GET")) continue;
        if (!best || more_exact(each.segments, best->route->segments)) best = std::move(c);
    }
    auto index = [&](const candidate& c) { return static_cast<std::size_t>(c.route - entries_.data()); };
    if (best) return bind(best->route->segments, index(*best), best->values);
    if (!any) return no_path{};
    no_method wrong{index(*any), {}};
    for (auto each : allowed)
        wrong.allow += (wrong.allow.empty() ? "" : ", ") + std::string(each);
    return wrong;
}

} // namespace persais::http
