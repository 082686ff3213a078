#pragma once
#include <memory>
#include <optional>
#include <re2/re2.h>
#include <re2/set.h>
#include <string>
#include <string_view>
#include <vector>

namespace persais::leaks {

/// A regular expression that is compiled when it is used first.
class pattern {
public:
    explicit pattern(std::string text) : text_(std::move(text)) {}
    /// Throws runtime_error when RE2 does not take it.
    const re2::RE2& compiled() const;
    bool in(std::string_view text) const { return re2::RE2::PartialMatch(re2::StringPiece(text), compiled()); }

private:
    std::string text_;
    mutable std::unique_ptr<re2::RE2> compiled_;
};

/// What is no secret although a rule finds it.
struct allowlist {
    bool all = false; // each kind that is not empty has to match ("AND"); else one is enough
    enum class target { secret, match, line } regexes_of = target::secret;
    std::vector<pattern> paths;
    std::vector<pattern> regexes;
    std::vector<std::string> stopwords; // in small letters
    bool path_alone(std::string_view path) const;
    bool takes(std::string_view path, std::string_view secret, std::string_view match, std::string_view line) const;
};

struct rule {
    std::string id;
    std::string about;
    std::optional<pattern> regex; // nullopt: the name of the file alone
    std::optional<pattern> path;
    int secret_group = 0; // 0: the first group that is not empty
    double entropy = 0;   // of the secret, at least; 0: any
    std::vector<allowlist> allowed;
};

/// gitleaks' rule set.
class rule_set {
public:
    /// The set that this program was built with.
    static const rule_set& known();
    /// Throws runtime_error when the text is not what this version reads.
    explicit rule_set(std::string_view toml);

    const std::vector<rule>& all() const { return rules_; }
    /// Whether no rule is about this file.
    bool passes_over(std::string_view path) const;
    /// The rules of which a word is in the text, and those that have none.
    std::vector<const rule*> about(std::string_view text) const;
    bool allows(std::string_view path, std::string_view secret, std::string_view match, std::string_view line) const;

private:
    std::vector<rule> rules_;
    std::vector<allowlist> allowed_;
    std::vector<std::size_t> without_words_;
    std::vector<std::vector<std::size_t>> by_word_; // the rules of each word of words_
    std::unique_ptr<re2::RE2::Set> words_;
};

} // namespace persais::leaks
