#include "api/problem.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "http/limits.hpp"

#include <boost/json.hpp>

namespace persais::api {

using enum service::refusal::reason;

http::response problem(int status, std::string sentence, bool russian, std::string_view reason) {
    if (auto said = russian ? russian_of(sentence) : std::nullopt) sentence = std::move(*said);
    sentence = text::printable(sentence); // a part of the request that is quoted may be no text
    boost::json::object body{
        {"type", "about:blank"}, {"title", http::reason(status)}, {"status", status}, {"detail", sentence}};
    if (!reason.empty()) body["reason"] = reason;
    http::response r{
        status, {{"Content-Type", problem_type}, {"Cache-Control", "no-store"}}, boost::json::serialize(body) + "\n"};
    if (status == 503 || status == 429)
        r.fields.emplace_back("Retry-After", std::to_string(limits::http_retry_after.count()));
    if (status == 401) r.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"persais\"");
    return r;
}

http::response problem_of(const service::refusal& why, bool russian) {
    return problem(status_of(why.why), why.sentence, russian, name_of(why.why));
}

std::string_view name_of(service::refusal::reason why) {
    switch (why) {
    case empty:
        return "empty";
    case not_text:
        return "not_text";
    case too_long:
        return "too_long";
    case no_person:
        return "no_person";
    case last_admin:
        return "last_admin";
    case readers_only:
        return "readers_only";
    case no_repository:
        return "no_repository";
    case bad_remote:
        return "bad_remote";
    case no_task:
        return "no_task";
    case not_yours:
        return "not_yours";
    case admins_only:
        return "admins_only";
    case not_a_deployer:
        return "not_a_deployer";
    case own_work:
        return "own_work";
    case no_factor:
        return "no_factor";
    case needs_code:
        return "needs_code";
    case factor_there:
        return "factor_there";
    case factor_pause:
        return "factor_pause";
    case wrong_code:
        return "wrong_code";
    case under_way:
        return "under_way";
    case ended:
        return "ended";
    case not_landable:
        return "not_landable";
    case has_result:
        return "has_result";
    case stale:
        return "stale";
    case not_green:
        return "not_green";
    case not_held:
        return "not_held";
    case no_answer:
        return "no_answer";
    case bad_budget:
        return "bad_budget";
    case enough_already:
        return "enough_already";
    case over_day:
        return "over_day";
    case unknown_repository:
        return "unknown_repository";
    case repository_used:
        return "repository_used";
    case bad_setting:
        return "bad_setting";
    case model_not_allowed:
        return "model_not_allowed";
    case key_used:
        return "key_used";
    case too_many:
        return "too_many";
    }
    return "";
}

int status_of(service::refusal::reason why) {
    switch (why) {
    case no_task:
        return 404;
    case readers_only:
    case not_yours:
    case admins_only:
    case not_a_deployer:
    case own_work:
    case no_factor:
    case needs_code:
    case wrong_code:
    case model_not_allowed:
        return 403;
    case last_admin:
    case factor_there:
    case under_way:
    case ended:
    case not_landable:
    case has_result:
    case stale:
    case not_green:
    case not_held:
    case no_answer:
    case enough_already:
    case repository_used:
        return 409;
    case factor_pause:
    case too_many:
        return 429;
    case empty:
    case not_text:
    case too_long:
    case no_person:
    case no_repository:
    case bad_remote:
    case bad_budget:
    case over_day:
    case unknown_repository:
    case bad_setting:
    case key_used:
        return 422;
    }
    return 500;
}

} // namespace persais::api
