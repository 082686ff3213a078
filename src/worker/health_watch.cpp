#include "worker/health_watch.hpp"

#include "base/async.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "worker/limits.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace persais::worker {

namespace {

constexpr int ok = 200;
constexpr std::size_t short_id = 7;

bool is_digit_of_id(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Whether the version names the commit: an id in it is the beginning of the commit's.
bool names(std::string_view version, std::string_view commit) {
    return std::ranges::any_of(ids_in(version), [&](const auto& id) { return commit.starts_with(id); });
}

/// Empty: the answer does not have it.
std::string version_in(const health_place& where, const http::fetched& answer) {
    if (!where.header.empty()) return std::string(http::header(answer.fields, where.header));
    boost::system::error_code ec;
    auto body = boost::json::parse(answer.body, ec);
    if (ec) return {};
    const auto* found = body.find_pointer(where.pointer, ec);
    if (!found || ec) return {};
    return found->is_string() ? std::string(found->get_string()) : to_text(*found);
}

/// As people read it: the id of a commit is told by its beginning.
std::string brief(const std::string& version) {
    constexpr std::size_t whole = 40, told = 10;
    bool id = version.size() >= whole && std::ranges::all_of(version, is_digit_of_id);
    return id ? version.substr(0, told) : version;
}

std::string host_of(const health_place& where) {
    auto url = parse_url(where.url);
    return url ? std::string(url->host) : std::string();
}

} // namespace

health_sign read_health(const health_place& where, const http::fetched& answer, const std::string& commit) {
    const auto host = host_of(where);
    if (answer.status != ok) return {false, {}, told<"{} answers {}.", "{} отвечает {}.">(host, answer.status)};
    if (where.header.empty() && where.pointer.empty())
        return {
            true,
            {},
            told<"{} answers 200; which version that is nobody asks (DEPLOY_VERSION_HEADER, DEPLOY_VERSION_POINTER).",
                 "{} отвечает 200; какая это версия, никто не спрашивает (DEPLOY_VERSION_HEADER, "
                 "DEPLOY_VERSION_POINTER).">(host)};
    auto version = text::cut(text::printable(version_in(where, answer)), limits::version_bytes);
    if (version.empty())
        return {false,
                {},
                told<"{} answers 200 and does not say which version it is: {} is not there.",
                     "{} отвечает 200 и не говорит, какая это версия: {} нет.">(
                    host, where.header.empty() ? where.pointer : where.header)};
    if (!names(version, commit))
        return {false, version,
                told<"{} answers 200 and is another version: {}.", "{} отвечает 200, но версия другая: {}.">(
                    host, brief(version))};
    return {true, version,
            told<"{} answers 200 and is version {}.", "{} отвечает 200, версия {}.">(host, brief(version))};
}

std::vector<std::string> ids_in(std::string_view version) {
    std::vector<std::string> all;
    while (!version.empty()) {
        auto from = std::ranges::find_if(version, is_digit_of_id);
        version.remove_prefix(static_cast<std::size_t>(from - version.begin()));
        auto size = static_cast<std::size_t>(std::ranges::find_if_not(version, is_digit_of_id) - version.begin());
        if (size >= short_id) all.emplace_back(version.substr(0, size));
        version.remove_prefix(size);
    }
    return all;
}

namespace {

/// One look, which a deployment that dribbles cannot make long.
awaitable<health_sign> look(http::client& web, health_place where, std::string commit) {
    http::fetch_spec ask{.url = where.url,
                         .fields = {{"Cache-Control", "no-cache"}},
                         .connect = limits::health_answer,
                         .first_byte = limits::health_answer,
                         .silence = limits::health_answer};
    try {
        auto answer = co_await with_deadline(limits::health_look, web.fetch(std::move(ask), limits::health_bytes));
        if (answer) co_return read_health(where, *answer, commit);
        co_return health_sign{false, {}, answer.error().sentence};
    } catch (const deadline_passed&) {
        co_return health_sign{
            false, {}, told<"{} takes too long to answer.", "{} отвечает слишком долго.">(host_of(where))};
    }
}

/// As look(), where it may be somebody else's commit on top of ours that is deployed.
awaitable<health_sign> look_with(http::client& web, health_place where, const health_question& about,
                                 std::string& known_of) {
    auto seen = co_await look(web, where, about.commit);
    if (seen.well || seen.version.empty() || seen.version == known_of) co_return seen;
    auto has = co_await about.has(seen.version);
    if (has) known_of = seen.version;
    if (!has || !*has) co_return seen;
    co_return health_sign{
        true, seen.version,
        told<"{} answers 200 and is version {}, which has it.", "{} отвечает 200, версия {}, и в ней это есть.">(
            host_of(where), brief(seen.version))};
}

} // namespace

awaitable<std::optional<watch_end>> watch_health(http::client& web, health_question about) {
    std::string told_last, known_of, forge_said;
    for (;;) {
        auto where = about.where();
        if (where.url.empty() && !about.at_forge) co_return std::nullopt;
        health_sign seen{true, {}, {}};
        auto every = about.every;
        if (about.at_forge && forge_said.empty()) {
            seen = co_await about.at_forge();
            every = about.every_at_forge;
            if (seen.well) forge_said = std::exchange(seen.said, {});
        }
        if (seen.well && !where.url.empty()) seen = co_await look_with(web, where, about, known_of);
        if (seen.well && !forge_said.empty())
            seen.said = seen.said.empty() ? forge_said : fmt::format("{} {}", forge_said, seen.said);
        auto left = about.left();
        if (seen.well || seen.over || left <= left.zero())
            co_return watch_end{{seen.well, std::move(seen.said)}, seen.known};
        if (seen.said != told_last && about.changed) about.changed(seen.said);
        told_last = std::move(seen.said);
        auto pause = std::max<std::chrono::nanoseconds>(every, seen.pause.value_or(std::chrono::seconds(0)));
        co_await sleep_for(std::min(pause, left));
    }
}

} // namespace persais::worker
