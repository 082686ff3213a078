#include "ops/health.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>

namespace persais::ops {

namespace {

std::string_view word(health::state how) {
    switch (how) {
    case health::state::up:
        return "ok";
    case health::state::degraded:
        return "degraded";
    case health::state::down:
        return "down";
    }
    return "down";
}

constexpr std::string_view not_started = "not started yet";

} // namespace

health::health(std::vector<std::string> parts) : order_(std::move(parts)) {
    for (const auto& part : order_)
        parts_[part] = {state::down, std::string(not_started)};
}

void health::set(std::string_view part, state how, std::string sentence) {
    auto found = parts_.find(part);
    if (found == parts_.end()) throw std::invalid_argument("health has no part " + std::string(part));
    auto was = std::exchange(found->second, report{how, std::move(sentence)});
    // The first report counts as a change even when it is "down" too, because only it says why.
    bool first = was.sentence == not_started;
    if ((was.how != how || first) && changed) changed(part, was, found->second);
}

const health::report& health::of(std::string_view part) const {
    auto found = parts_.find(part);
    if (found == parts_.end()) throw std::invalid_argument("health has no part " + std::string(part));
    return found->second;
}

health::state health::overall() const {
    auto worst = state::up;
    for (const auto& [part, report] : parts_)
        worst = std::max(worst, report.how);
    return worst;
}

std::string health::json() const {
    boost::json::object checks;
    for (const auto& part : order_) {
        const auto& report = of(part);
        boost::json::object one{{"status", word(report.how)}};
        if (!report.sentence.empty()) one["message"] = report.sentence;
        checks[part] = std::move(one);
    }
    return to_text(boost::json::object{{"status", word(overall())}, {"checks", std::move(checks)}});
}

} // namespace persais::ops
