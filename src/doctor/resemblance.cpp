#include "doctor/resemblance.hpp"

#include "doctor/limits.hpp"

#include <algorithm>
#include <set>

namespace persais::doctor {

namespace {

struct parts {
    std::string vendor;
    std::set<std::string> words;   // "claude", "opus"
    std::set<std::string> numbers; // "3", "4.5"
};

parts split(std::string_view name) {
    parts all;
    if (name.starts_with('~')) name.remove_prefix(1);
    if (auto slash = name.find('/'); slash != name.npos) {
        all.vendor = name.substr(0, slash);
        name.remove_prefix(slash + 1);
    }
    name = name.substr(0, name.find(':'));
    while (!name.empty()) {
        auto end = std::min(name.find_first_of("-_/"), name.size());
        auto word = name.substr(0, end);
        name.remove_prefix(std::min(end + 1, name.size()));
        if (word.empty() || word == "latest") continue;
        (word[0] >= '0' && word[0] <= '9' ? all.numbers : all.words).emplace(word);
    }
    return all;
}

std::size_t shared(const std::set<std::string>& a, const std::set<std::string>& b) {
    return static_cast<std::size_t>(std::ranges::count_if(a, [&](const auto& w) { return b.contains(w); }));
}

} // namespace

std::vector<std::string> resembling(const llm::model_list& all, std::string_view model) {
    auto wanted = split(model);
    struct candidate {
        std::size_t points;
        std::string name;
    };
    std::vector<candidate> found;
    for (const auto& [name, facts] : all) {
        auto has = split(name);
        bool vendor = !wanted.vendor.empty() && has.vendor == wanted.vendor;
        auto words = shared(wanted.words, has.words);
        if (!vendor && words == 0) continue;
        // The family counts most, and whether it is a free or special variant least.
        auto points = 100 * words + (vendor ? 50U : 0U) + 10 * shared(wanted.numbers, has.numbers);
        points = 2 * points + (name.find(':') == name.npos ? 1 : 0);
        found.push_back({points, name});
    }
    // Of equal candidates the later name is first, because version numbers grow.
    std::ranges::sort(found, [](const candidate& a, const candidate& b) {
        return a.points != b.points ? a.points > b.points : a.name > b.name;
    });
    std::vector<std::string> names;
    for (auto& one : found)
        if (names.size() < limits::doctor_names) names.push_back(std::move(one.name));
    return names;
}

} // namespace persais::doctor
