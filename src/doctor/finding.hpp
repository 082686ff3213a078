#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::doctor {

/// `skipped`: not tried, and the sentence says why; it is neither good nor bad.
enum class grade { ok, skipped, warn, fail };
std::string_view to_string(grade g); // "ok", "skipped", "warn", "fail"

/// The result of one probe. It never contains a secret.
struct finding {
    std::string name; // "database", "push", … (see docs/doctor.md)
    grade how = grade::fail;
    std::string sentence;      // one, for a person
    std::string advice;        // what to do; empty: nothing
    boost::json::object facts; // for programs: versions, bytes, seconds
};
using findings = std::vector<finding>;

finding ok(std::string name, std::string sentence, boost::json::object facts = {});
finding skipped(std::string name, std::string sentence, std::string advice = {});
finding warn(std::string name, std::string sentence, std::string advice, boost::json::object facts = {});
finding failed(std::string name, std::string sentence, std::string advice, boost::json::object facts = {});

/// The worst grade of those that have one of these names; `skipped` when there are none.
grade worst(const findings& all, const std::vector<std::string_view>& names);
/// Null when there is no finding of that name.
const finding* find(const findings& all, std::string_view name);

} // namespace persais::doctor
