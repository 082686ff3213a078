#include "checks/repository_file.hpp"

#include "base/paths.hpp"
#include "base/told.hpp"
#include "base/toml.hpp"
#include "checks/glob.hpp"
#include "leaks/scanner.hpp"

#include <charconv>

#include <fmt/format.h>

namespace persais::checks {

namespace {

std::optional<std::chrono::milliseconds> duration(std::string_view text) {
    long long n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc{} || n <= 0 || n > 1'000'000) return std::nullopt;
    std::string_view unit(end, text.data() + text.size());
    if (unit == "ms") return std::chrono::milliseconds(n);
    if (unit == "s") return std::chrono::seconds(n);
    if (unit == "m") return std::chrono::minutes(n);
    if (unit == "h") return std::chrono::hours(n);
    return std::nullopt;
}

constexpr int most_depth = 1'000'000; // as CHECKOUT_DEPTH

struct reader {
    repository_file file;
    std::string wrong;

    void complain(const toml::node& at, std::string_view key, std::string_view wanted) {
        if (wrong.empty())
            wrong = told<"{} line {}: `{}` must be {}.", "{}, строка {}: `{}` — это {}.">(
                repository_file_name, at.source().begin.line, key, wanted);
    }
    void text(const toml::node& n, std::string_view key, std::optional<std::string>& into) {
        auto v = n.value<std::string>();
        if (!v || !n.is_string() || v->find('\0') != std::string::npos)
            return complain(n, key, told<"a text", "текст">());
        into = *v;
    }
    void list(const toml::node& n, std::string_view key, std::vector<std::string>& into) {
        auto* all = n.as_array();
        if (!all) return complain(n, key, told<"a list of texts", "список текстов">());
        for (auto& e : *all) {
            if (!e.is_string()) return complain(e, key, told<"a list of texts", "список текстов">());
            into.push_back(*e.value<std::string>());
        }
    }
    void list_of_rules(const toml::node& n) {
        list(n, "secret_rules", file.secret_rules);
        for (const auto& name : file.secret_rules)
            if (!leaks::is_rule(name) && wrong.empty())
                wrong = told<
                    "{} line {}: `secret_rules` has \"{}\", which is the name of no rule; a task that was "
                    "held names its rules.",
                    "{}, строка {}: в `secret_rules` стоит «{}», но такого правила нет; правила называет задержанная "
                    "задача.">(repository_file_name, n.source().begin.line, name);
    }
    void hosts(const toml::node& n, std::string_view key) {
        std::vector<std::string> names;
        list(n, key, names);
        for (const auto& name : names) {
            auto one = host_rules::parse_one(name, host_rules::author::repository);
            if (!one && wrong.empty())
                wrong = told<"{} line {}: `{}`: {}.", "{}, строка {}: `{}`: {}.">(
                    repository_file_name, n.source().begin.line, key, one.error());
            if (one) file.setup_hosts.add(std::move(*one));
        }
    }
    void yes_or_no(const toml::node& n, std::string_view key, bool& into) {
        if (!n.is_boolean()) return complain(n, key, told<"true or false", "true или false">());
        into = *n.value<bool>();
    }
    void depth(const toml::node& n) {
        auto number = n.is_integer() ? n.value<std::int64_t>() : std::nullopt;
        if (n.is_string() && n.value<std::string>() == "all")
            file.depth = 0;
        else if (number && *number >= 1 && *number <= most_depth)
            file.depth = static_cast<int>(*number);
        else
            complain(n, "depth",
                     told<"\"all\" or a number of commits, such as 50", "\"all\" или число коммитов, например 50">());
    }
    void key(std::string_view name, const toml::node& n) {
        if (name == "setup") return text(n, name, file.setup);
        if (name == "check") return text(n, name, file.check);
        if (name == "base") return text(n, name, file.base);
        if (name == "allow") return list(n, name, file.allow);
        if (name == "protect") return list(n, name, file.protect);
        if (name == "outside_links") return list(n, name, file.outside_links);
        if (name == "secrets_in") return list(n, name, file.secrets_in);
        if (name == "secret_rules") return list_of_rules(n);
        if (name == "env") return list(n, name, file.env);
        if (name == "submodules") return yes_or_no(n, name, file.submodules);
        if (name == "depth") return depth(n);
        if (name == "setup_hosts") return hosts(n, name);
        if (name == "lfs") return yes_or_no(n, name, file.lfs);
        if (name == "timeout") {
            std::optional<std::string> value;
            text(n, name, value);
            if (!value) return;
            file.timeout = duration(*value);
            if (!file.timeout)
                complain(n, name,
                         told<"a duration such as \"10m\" or \"90s\"", "длительность, например \"10m\" или \"90s\"">());
            return;
        }
        if (wrong.empty())
            wrong = told<"{} line {}: `{}` is not known; known are setup, check, timeout, depth, allow, protect, "
                         "outside_links, secrets_in, secret_rules, env, base, submodules, lfs, setup_hosts.",
                         "{}, строка {}: `{}` — неизвестное имя; известны setup, check, timeout, depth, allow, "
                         "protect, outside_links, secrets_in, secret_rules, env, base, submodules, lfs, setup_hosts.">(
                repository_file_name, n.source().begin.line, name);
    }
};

} // namespace

result<repository_file> parse_repository_file(std::string_view text) try {
    auto parsed = toml::parse(text);
    if (!parsed)
        return fail(fmt::format("{} line {}: {}.", repository_file_name, parsed.error().source().begin.line,
                                parsed.error().description()));
    reader r;
    for (auto&& [name, node] : parsed.table())
        r.key(name.str(), node);
    if (!r.wrong.empty()) return fail(r.wrong);
    return std::move(r.file);
} catch (const gap_in_toml&) {
    return fail(fmt::format("{} is not TOML.", repository_file_name));
}

namespace {

/// Whether some file system would write `.persais.toml`, or a folder in its place.
bool is_repository_file(std::string_view path) {
    auto all = paths::parts(path, "/\\");
    if (all.empty()) return false;
    auto first = all.front();
    return paths::key_on_ntfs(first) == repository_file_name || paths::may_be_short_for(first, repository_file_name);
}

} // namespace

std::optional<std::string> first_forbidden(const repository_file& rules, const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        if (is_repository_file(path)) return path;
        for (const auto* protect : {&rules.protect, &rules.protect_of_admins})
            if (protects(*protect, path)) return path;
        for (const auto* allow : {&rules.allow, &rules.allow_of_admins})
            if (!allow->empty() && !matches_any(*allow, path)) return path;
    }
    return std::nullopt;
}

} // namespace persais::checks
