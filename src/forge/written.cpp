#include "forge/written.hpp"

#include "forge/json_api.hpp"
#include "forge/reply_trouble.hpp"

#include <array>
#include <utility>

namespace persais::forge {

namespace {

constexpr std::array<std::pair<written::kind, std::string_view>, 4> kinds{{{written::kind::issue, "issue"},
                                                                           {written::kind::comment, "comment"},
                                                                           {written::kind::review, "review"},
                                                                           {written::kind::red, "red"}}};

} // namespace

std::string_view to_string(written::kind what) {
    for (const auto& [kind, word] : kinds)
        if (kind == what) return word;
    return {};
}

std::optional<written::kind> written_kind(std::string_view word) {
    for (const auto& [kind, name] : kinds)
        if (name == word) return kind;
    return std::nullopt;
}

bool is_whole(const written& what) {
    if (what.id.empty() || what.id == "0" || !any_time_in(what.at)) return false;
    return what.what == written::kind::red ? !what.branch.empty() && what.number == 0 : what.number > 0;
}

std::unique_ptr<conversations> make_conversations(place at, const secret& token, fetcher fetch) {
    if (at.kind == kind::github) return make_github_conversations(at, token, fetch);
    return nullptr; // the others' are not read
}

} // namespace persais::forge
