#include "base/s3_url.hpp"

#include "base/encoding.hpp"
#include "base/told.hpp"
#include "base/url.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais {

namespace {

std::string form() {
    return told<
        "is not s3://KEY:SECRET@BUCKET/PREFIX?region=…&endpoint=https://…&style=path (in KEY and SECRET, / + and "
        "@ are written %2F %2B %40)",
        "не имеет вида s3://KEY:SECRET@BUCKET/PREFIX?region=…&endpoint=https://…&style=path (в KEY и SECRET "
        "вместо / + и @ пишется %2F %2B %40)">();
}

bool names_a_bucket(std::string_view text) {
    auto fine = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !text.empty() && std::ranges::all_of(text, fine);
}

/// False: nobody knows this word, or it has no such value.
bool take_word(s3_url& made, std::string_view name, std::string value) {
    if (name == "region" && !value.empty()) {
        made.region = std::move(value);
        return true;
    }
    if (name == "style" && (value == "path" || value == "virtual")) {
        made.path_style = value == "path";
        return true;
    }
    auto url = parse_url(value);
    if (name != "endpoint" || !url || (url->scheme != "https" && url->scheme != "http")) return false;
    if (url->host.empty() || url->user || url->query || url->fragment) return false;
    if (!url->path.empty() && url->path != "/") return false;
    made.endpoint = fmt::format("{}://{}", url->scheme, url->host_and_port);
    return true;
}

} // namespace

result<s3_url> read_s3_url(const secret& text) {
    auto url = parse_url(text.reveal());
    if (!url || url->scheme != "s3" || url->fragment || url->port || !names_a_bucket(url->host)) return fail(form());
    if (!url->user || !url->password || url->user->empty() || url->password->empty()) return fail(form());
    s3_url made{.key_id = percent_decoded(*url->user),
                .key = secret(percent_decoded(*url->password)),
                .bucket = std::string(url->host),
                .prefix = percent_decoded(url->path.empty() ? url->path : url->path.substr(1))};
    if (!made.prefix.empty() && !made.prefix.ends_with('/')) made.prefix += '/';
    bool styled = false;
    for (auto words = url->query.value_or(std::string_view()); !words.empty();) {
        auto end = words.find('&');
        auto word = words.substr(0, end);
        words = end == words.npos ? std::string_view() : words.substr(end + 1);
        auto equal = word.find('=');
        auto name = word.substr(0, equal);
        auto value = equal == word.npos ? std::string() : percent_decoded(word.substr(equal + 1));
        if (!take_word(made, name, std::move(value))) return fail(form());
        styled = styled || name == "style";
    }
    if (!styled) made.path_style = !made.endpoint.empty(); // what most servers but Amazon's own understand
    if (made.endpoint.empty()) made.endpoint = "https://s3." + made.region + ".amazonaws.com";
    return made;
}

} // namespace persais
