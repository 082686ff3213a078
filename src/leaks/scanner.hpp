#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What a change carries that looks like a credential, by gitleaks' rules (gitleaks.toml, gitleaks.LICENSE), matched by
/// RE2.
namespace persais::leaks {

struct finding {
    std::string path;
    int line = 0;      // of the file, where the secret begins; 0: the file itself
    std::string rule;  // "github-pat"
    std::string about; // what the rule says, one sentence
    std::string secret;
    bool operator==(const finding&) const = default;
};

/// Whether there is a rule of this name.
bool is_rule(std::string_view name);

/// The beginning of a secret, for a person who has to find it: four characters, fewer of a short one.
std::string masked(std::string_view secret);

/// Reads lines that a change adds. Lines that follow each other in a file are looked at together, because a secret may
/// have several; at least `limits::leak_overlap_bytes` of them. The rules are read at the first use in the process, and
/// each one is compiled when a word of it is met.
class scanner {
public:
    /// At most `most` findings are kept; then nothing more is looked at.
    explicit scanner(std::size_t most);
    ~scanner();
    scanner(const scanner&) = delete;

    /// A file that the change adds: its name alone may be a finding.
    void new_file(std::string_view path);
    /// A line without its end, or a piece of a long one. One step of at most some milliseconds.
    void line(std::string_view path, int number, std::string_view text);
    /// Call it once, at the end.
    std::vector<finding> finish();
    bool full() const { return found_.size() >= most_; }

private:
    void look(bool last);
    std::size_t most_;
    std::vector<finding> found_;
    std::string path_;
    std::string text_;
    int first_ = 0; // the number of the first line in text_
    int next_ = 0;
};

} // namespace persais::leaks
