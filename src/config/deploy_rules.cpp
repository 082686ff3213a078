#include "config/deploy_rules.hpp"

#include "base/comma_parts.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "config/limits.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <charconv>

namespace persais::config {

namespace {

template <class T>
std::optional<T> number(std::string_view text) {
    T value = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
    return value;
}

std::optional<std::vector<std::int64_t>> people(std::string_view list) {
    std::vector<std::int64_t> all;
    for (auto part : comma_parts(list)) {
        auto id = number<std::int64_t>(part);
        if (!id) return std::nullopt;
        all.push_back(*id);
    }
    return all;
}

/// Cuts the next part off; white space around it does not count.
std::string_view cut_part(std::string_view& rest, std::string_view ends) {
    auto at = std::min(rest.find_first_of(ends), rest.size());
    auto part = text::trim(rest.substr(0, at));
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return part;
}

/// What is wrong with the word; empty: it is in the rule now.
std::string read_word(std::string_view word, deploy_rule& into) {
    auto equals = word.find('=');
    auto name = word.substr(0, equals), value = equals == word.npos ? "" : word.substr(equals + 1);
    if (name == "by") {
        into.by = people(value);
        return into.by ? "" : told<"'{}' names no people: by=11,22", "«{}» не называет людей: by=11,22">(shorten(word));
    }
    if (name == "own" && (value == "on" || value == "off")) {
        into.own = value == "on";
        return {};
    }
    if (auto n = number<int>(value); name == "approvals" && n && *n <= limits::deploy_approvals) {
        into.approvals = n;
        return {};
    }
    return told<"'{}' is not by=11,22, own=on, own=off, or approvals=N with N from 1 to {}",
                "«{}» — не by=11,22, own=on, own=off или approvals=N, где N от 1 до {}">(shorten(word),
                                                                                         limits::deploy_approvals);
}

} // namespace

result<std::vector<deploy_rule>> read_deploy_rules(std::string_view text) {
    std::vector<deploy_rule> all;
    while (!text.empty()) {
        auto one = cut_part(text, ";\n");
        if (one.empty()) continue;
        deploy_rule rule{.repository = lower_case(cut_part(one, " \t")), .by = {}, .own = {}, .approvals = {}};
        if (rule.repository.contains('='))
            return fail(
                told<"'{}' is no repository: a rule begins with one, such as team/app",
                     "«{}» — не репозиторий: правило начинается с него, например team/app">(shorten(rule.repository)));
        while (!one.empty()) {
            auto word = cut_part(one, " \t");
            if (word.empty()) continue;
            if (auto wrong = read_word(word, rule); !wrong.empty()) return fail(std::move(wrong));
        }
        if (std::ranges::find(all, rule.repository, &deploy_rule::repository) != all.end())
            return fail(told<"there are two rules for '{}'", "для «{}» есть два правила">(shorten(rule.repository)));
        all.push_back(std::move(rule));
    }
    return all;
}

} // namespace persais::config
