#include "leaks/rules.hpp"

#include "base/toml.hpp"
#include "base/url.hpp"
#include "leaks/limits.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace persais::leaks {

extern const std::string_view gitleaks_toml; // made from gitleaks.toml by the build

namespace {

re2::RE2::Options options() {
    re2::RE2::Options how;
    how.set_log_errors(false);
    how.set_encoding(re2::RE2::Options::EncodingLatin1); // bytes: what a change adds need not be UTF-8
    how.set_max_mem(limits::leak_pattern_bytes);
    return how;
}

std::string text(const toml::table& at, std::string_view key) {
    return at[key].value_or(std::string());
}
std::vector<std::string> texts(const toml::table& at, std::string_view key) {
    std::vector<std::string> all;
    if (auto* list = at[key].as_array())
        for (auto& each : *list)
            all.push_back(each.value_or(std::string()));
    return all;
}
std::vector<pattern> patterns(const toml::table& at, std::string_view key) {
    std::vector<pattern> all;
    for (auto& each : texts(at, key))
        all.emplace_back(std::move(each));
    return all;
}

/// A key that this version does not read would be a rule that means something else.
void only(const toml::table& at, std::initializer_list<std::string_view> known) {
    for (auto&& [key, node] : at)
        if (std::ranges::find(known, key.str()) == known.end())
            throw std::runtime_error("gitleaks.toml: `" + std::string(key.str()) + "` is not known");
}

allowlist allowlist_of(const toml::table& at) {
    only(at, {"description", "condition", "regexTarget", "paths", "regexes", "stopwords"});
    allowlist made{.all = text(at, "condition") == "AND",
                   .paths = patterns(at, "paths"),
                   .regexes = patterns(at, "regexes"),
                   .stopwords = {}};
    for (const auto& word : texts(at, "stopwords"))
        made.stopwords.push_back(lower_case(word));
    auto target = text(at, "regexTarget");
    if (target == "match") made.regexes_of = allowlist::target::match;
    if (target == "line") made.regexes_of = allowlist::target::line;
    return made;
}

bool any_in(const std::vector<pattern>& all, std::string_view text) {
    return std::ranges::any_of(all, [&](const auto& each) { return each.in(text); });
}

} // namespace

const re2::RE2& pattern::compiled() const {
    if (!compiled_) {
        compiled_ = std::make_unique<re2::RE2>(text_, options());
        if (!compiled_->ok()) throw std::runtime_error("gitleaks.toml: RE2 does not take " + text_);
    }
    return *compiled_;
}

bool allowlist::path_alone(std::string_view path) const {
    bool alone = !all || (regexes.empty() && stopwords.empty());
    return alone && any_in(paths, path);
}

bool allowlist::takes(std::string_view path, std::string_view secret, std::string_view match,
                      std::string_view line) const {
    auto regex = [&] {
        return any_in(regexes, regexes_of == target::match ? match : regexes_of == target::line ? line : secret);
    };
    auto stopword = [&] {
        auto word = lower_case(secret);
        return std::ranges::any_of(stopwords, [&](const auto& stop) { return word.contains(stop); });
    };
    if (!all) return regex() || stopword();
    return (paths.empty() || any_in(paths, path)) && (regexes.empty() || regex()) && (stopwords.empty() || stopword());
}

rule_set::rule_set(std::string_view toml) {
    auto parsed = toml::parse(toml);
    if (!parsed) throw std::runtime_error("gitleaks.toml: " + std::string(parsed.error().description()));
    auto& whole = parsed.table();
    only(whole, {"title", "minVersion", "allowlist", "rules"});
    if (auto* global = whole["allowlist"].as_table()) allowed_.push_back(allowlist_of(*global));
    std::map<std::string, std::vector<std::size_t>> words;
    for (auto& node : *whole["rules"].as_array()) {
        const auto& at = *node.as_table();
        only(at, {"id", "description", "regex", "path", "secretGroup", "entropy", "keywords", "allowlists"});
        rule one{.id = text(at, "id"), .about = text(at, "description")};
        if (auto regex = text(at, "regex"); !regex.empty()) one.regex.emplace(regex);
        if (auto path = text(at, "path"); !path.empty()) one.path.emplace(path);
        one.secret_group = at["secretGroup"].value_or(0);
        one.entropy = at["entropy"].value_or(0.0);
        if (auto* lists = at["allowlists"].as_array())
            for (auto& list : *lists)
                one.allowed.push_back(allowlist_of(*list.as_table()));
        auto keywords = texts(at, "keywords");
        for (const auto& word : keywords)
            words[lower_case(word)].push_back(rules_.size());
        if (keywords.empty() && one.regex) without_words_.push_back(rules_.size());
        rules_.push_back(std::move(one));
    }
    auto how = options();
    how.set_literal(true);
    how.set_case_sensitive(false);
    words_ = std::make_unique<re2::RE2::Set>(how, re2::RE2::UNANCHORED);
    for (auto& [word, of] : words) {
        words_->Add(word, nullptr);
        by_word_.push_back(std::move(of));
    }
    if (!words_->Compile()) throw std::runtime_error("gitleaks.toml: RE2 does not take its words");
}

const rule_set& rule_set::known() {
    static const rule_set set(gitleaks_toml);
    return set;
}

bool rule_set::passes_over(std::string_view path) const {
    return std::ranges::any_of(allowed_, [&](const auto& list) { return list.path_alone(path); });
}

std::vector<const rule*> rule_set::about(std::string_view text) const {
    std::vector<int> met;
    re2::RE2::Set::ErrorInfo why{};
    std::vector<bool> wanted(rules_.size());
    if (!words_->Match(text, &met, &why) && why.kind != re2::RE2::Set::kNoError)
        wanted.assign(rules_.size(), true); // no memory for the words: each rule is tried
    for (int word : met)
        for (auto of : by_word_[static_cast<std::size_t>(word)])
            wanted[of] = true;
    for (auto of : without_words_)
        wanted[of] = true;
    std::vector<const rule*> all;
    for (std::size_t i = 0; i < rules_.size(); ++i)
        if (wanted[i] && rules_[i].regex) all.push_back(&rules_[i]);
    return all;
}

bool rule_set::allows(std::string_view path, std::string_view secret, std::string_view match,
                      std::string_view line) const {
    return std::ranges::any_of(allowed_, [&](const auto& list) { return list.takes(path, secret, match, line); });
}

} // namespace persais::leaks
