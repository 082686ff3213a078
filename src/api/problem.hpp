#pragma once
#include "http/http.hpp"
#include "service/refusal.hpp"

#include <string>
#include <string_view>

namespace persais::api {

inline constexpr auto problem_type = "application/problem+json";
inline constexpr auto json_type = "application/json";

/// A problem document of RFC 9457. `sentence`: in English; `russian`: it is said in Russian, where that is known.
/// `reason`: a word for programs, empty: none.
http::response problem(int status, std::string sentence, bool russian, std::string_view reason = {});
/// Of a refusal of the rules: the sentence that a person gets.
http::response problem_of(const service::refusal& why, bool russian);

/// The word for programs: "not_green".
std::string_view name_of(service::refusal::reason why);
int status_of(service::refusal::reason why);

} // namespace persais::api
