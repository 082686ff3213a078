// What another worker made of the same landing. Its bytes differ where signatures do: those of ecdsa keys have a random
// part, and a key may have been renewed in between.
#include "git/explain.hpp"
#include "git/layout.hpp"

#include <fmt/format.h>

namespace persais::git {

namespace {

/// What both agree on: all but signatures, and the ids of parents, which may be signed too. `listed` is a commit as
/// `rev-list --header` prints it, behind its own id.
std::string words_without_signature(std::string_view listed) {
    std::string kept;
    bool of_signature = false;
    auto headers = listed.substr(0, listed.find("\n\n"));
    for (auto line : pieces(headers, '\n')) {
        if (!line.starts_with(' ')) of_signature = line.starts_with("gpgsig") || line.starts_with("parent ");
        if (!of_signature) kept.append(line).append("\n");
    }
    return kept.append(listed.substr(headers.size()));
}

} // namespace

awaitable<outcome<commit_id>> mirror::find_twin(commit_id made, commit_id onto, commit_id tip) {
    for (const auto& each : {made, onto, tip}) {
        if (!is_id(each)) co_return commit_id();
        auto here = co_await has(each);
        if (!here) co_return std::unexpected(here.error());
        if (!*here) co_return commit_id();
    }
    layout at{folder_};
    auto listed = co_await at.run(at.on_mirror({"rev-list", "--header", tip, made, "^" + onto}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Looking for the commit"));
    std::string wanted;
    auto all = pieces(listed.output, '\0');
    for (auto each : all)
        if (first_word(each) == made) wanted = words_without_signature(each.substr(each.find('\n') + 1));
    for (auto each : all)
        if (auto id = first_word(each);
            id != made && !wanted.empty() && words_without_signature(each.substr(each.find('\n') + 1)) == wanted)
            co_return id;
    co_return commit_id();
}

} // namespace persais::git
