#include "doctor/finding.hpp"

#include <algorithm>

namespace persais::doctor {

std::string_view to_string(grade g) {
    switch (g) {
    case grade::ok:
        return "ok";
    case grade::skipped:
        return "skipped";
    case grade::warn:
        return "warn";
    case grade::fail:
        break;
    }
    return "fail";
}

finding ok(std::string name, std::string sentence, boost::json::object facts) {
    return {std::move(name), grade::ok, std::move(sentence), {}, std::move(facts)};
}
finding skipped(std::string name, std::string sentence, std::string advice) {
    return {std::move(name), grade::skipped, std::move(sentence), std::move(advice), {}};
}
finding warn(std::string name, std::string sentence, std::string advice, boost::json::object facts) {
    return {std::move(name), grade::warn, std::move(sentence), std::move(advice), std::move(facts)};
}
finding failed(std::string name, std::string sentence, std::string advice, boost::json::object facts) {
    return {std::move(name), grade::fail, std::move(sentence), std::move(advice), std::move(facts)};
}

const finding* find(const findings& all, std::string_view name) {
    auto found = std::ranges::find(all, name, &finding::name);
    return found == all.end() ? nullptr : &*found;
}

grade worst(const findings& all, const std::vector<std::string_view>& names) {
    std::optional<grade> seen;
    for (auto name : names)
        if (const auto* one = find(all, name)) seen = std::max(seen.value_or(grade::ok), one->how);
    return seen.value_or(grade::skipped);
}

} // namespace persais::doctor
