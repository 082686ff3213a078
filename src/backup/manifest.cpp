#include "backup/manifest.hpp"

#include "base/json.hpp"
#include "base/told.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::backup {

namespace json = boost::json;

namespace {

constexpr std::string_view before = "persais-", after = ".age";

std::tm calendar(time_point at) {
    return fmt::gmtime(std::chrono::system_clock::to_time_t(at));
}

std::optional<time_point> time_of(std::string_view text, const char* form) {
    std::tm parts{};
    auto* end = ::strptime(std::string(text).c_str(), form, &parts);
    if (!end || *end != '\0') return std::nullopt;
    return time_point(std::chrono::seconds(::timegm(&parts)));
}

bool is_safe_name(std::string_view name) {
    return !name.empty() && name.size() < 100 && name.find("..") == name.npos && name[0] != '/';
}

} // namespace

std::string moment(time_point at) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", calendar(at));
}

std::string name_of(time_point made, std::string_view letters) {
    return fmt::format("{}{:%Y%m%dT%H%M%SZ}-{}{}", before, calendar(made), letters, after);
}

std::optional<time_point> time_in(std::string_view name) {
    constexpr std::size_t digits = 16; // 20261130T191502Z
    if (!name.starts_with(before) || !name.ends_with(after) || name.size() < before.size() + digits + 2 + after.size())
        return std::nullopt;
    if (name.find('/') != name.npos || name[before.size() + digits] != '-') return std::nullopt;
    return time_of(name.substr(before.size(), digits), "%Y%m%dT%H%M%SZ");
}

std::string to_json(const manifest& of) {
    json::array parts, work, lacks;
    for (const auto& p : of.parts)
        parts.push_back({{"name", p.name}, {"bytes", p.bytes}, {"sha256", p.sha256}});
    for (const auto& w : of.work)
        work.push_back({{"file", w.file}, {"remote", w.remote}});
    for (const auto& l : of.lacks)
        lacks.push_back({{"remote", l.remote}, {"why", l.why}});
    return json::serialize(json::object{{"persais", of.version},
                                        {"made", moment(of.made)},
                                        {"schema", of.schema},
                                        {"postgresql", of.server},
                                        {"newest_task", of.newest_task},
                                        {"files", std::move(parts)},
                                        {"work", std::move(work)},
                                        {"lacks", std::move(lacks)}});
}

result<manifest> read_manifest(std::string_view text) {
    auto bad = [] {
        return fail(told<"This is no backup of Persais: its list of files cannot be read.",
                         "Это не резервная копия Persais: список её файлов не читается.">());
    };
    auto o = parse_object(text);
    if (!o) return bad();
    manifest m{.version = text_in(*o, "persais"), .server = text_in(*o, "postgresql")};
    auto made = time_of(text_in(*o, "made"), "%Y-%m-%dT%H:%M:%SZ");
    auto schema = whole_in(*o, "schema");
    const auto* parts = array_in(*o, "files");
    const auto* work = array_in(*o, "work");
    if (!made || !schema || !parts || !work) return bad();
    m.made = *made;
    m.schema = static_cast<int>(*schema);
    m.newest_task = whole_in(*o, "newest_task").value_or(0);
    for (const auto& each : *parts) {
        if (!each.is_object()) return bad();
        auto bytes = whole_in(each.get_object(), "bytes");
        part p{text_in(each.get_object(), "name"), static_cast<std::uint64_t>(bytes.value_or(0)),
               text_in(each.get_object(), "sha256")};
        if (!bytes || *bytes < 0 || !is_safe_name(p.name)) return bad();
        m.parts.push_back(std::move(p));
    }
    for (const auto& each : *work) {
        if (!each.is_object()) return bad();
        m.work.push_back({text_in(each.get_object(), "file"), text_in(each.get_object(), "remote")});
    }
    if (const auto* lacks = array_in(*o, "lacks"))
        for (const auto& each : *lacks)
            if (each.is_object())
                m.lacks.push_back({text_in(each.get_object(), "remote"), text_in(each.get_object(), "why")});
    return m;
}

} // namespace persais::backup
