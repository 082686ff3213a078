#include "api/openapi.hpp"

#include "api/components.hpp"
#include "api/operation.hpp"
#include "api/problem.hpp"
#include "base/json.hpp"

namespace persais::api {

namespace json = boost::json;

namespace {

json::object reference(std::string_view name) {
    return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

json::object content(std::string_view answer) {
    if (answer.contains('/')) return {{answer, {{"schema", {{"type", "string"}}}}}};
    return {{json_type, {{"schema", reference(answer)}}}};
}

std::string_view name_of(parameter::place where) {
    using enum parameter::place;
    return where == path ? "path" : where == query ? "query" : "header";
}

json::object problem_response(std::string_view what) {
    return {{"description", what}, {"content", {{problem_type, {{"schema", reference("Problem")}}}}}};
}

json::object responses_of(const operation& o) {
    json::object success{{"description", "Done."}, {"content", content(o.answer)}};
    if (o.success == 201)
        success["headers"] = {{"Location", {{"schema", {{"type", "string"}}}, {"description", "The task's address."}}}};
    json::object all{{std::to_string(o.success), std::move(success)},
                     {"400", problem_response("The request does not fit this document.")},
                     {"401", problem_response("There is no token, or none that is valid.")},
                     {"403", problem_response("The token or its person may not do this.")},
                     {"422", problem_response("A value is not taken.")},
                     {"429", problem_response("Too many requests, or too much waits already.")},
                     {"503", problem_response("Not now; Retry-After says when.")}};
    bool of_task = o.path.contains("{task}");
    if (of_task) all["404"] = problem_response("There is no such task, or nothing of it that this is about.");
    if (of_task) all["409"] = problem_response("The task is not where this can be done.");
    if (!o.body.empty()) {
        all["413"] = problem_response("The body is too large.");
        all["415"] = problem_response("The body is not JSON.");
    }
    return all;
}

json::object operation_object(const operation& o) {
    json::array parameters;
    for (const auto& each : o.parameters)
        parameters.push_back(json::object{{"name", each.name},
                                          {"in", name_of(each.in)},
                                          {"required", each.in == parameter::place::path},
                                          {"description", each.about},
                                          {"schema", json::parse(each.schema)}});
    json::object all{{"operationId", o.id},
                     {"summary", o.about},
                     {"description", "Needs the scope `" + std::string(service::name_of(o.needs)) + "`."},
                     {"parameters", std::move(parameters)}};
    if (!o.body.empty()) {
        bool needed = object_in(schemas(), o.body) && !texts_in(*object_in(schemas(), o.body), "required").empty();
        all["requestBody"] = {{"required", needed}, {"content", {{json_type, {{"schema", reference(o.body)}}}}}};
    }
    all["responses"] = responses_of(o);
    return all;
}

} // namespace

json::object openapi_document() {
    json::object paths;
    for (const auto& each : operations()) {
        std::string method(each.method);
        std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c + ('a' - 'A')); });
        auto& path = paths[std::string(root) + std::string(each.path)];
        if (!path.is_object()) path.emplace_object();
        path.as_object()[method] = operation_object(each);
    }
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "Persais"},
          {"version", "1"},
          {"description", "Give tasks, look at them and decide about them. docs/api.md has examples."},
          {"license", {{"name", "Apache License 2.0"}, {"identifier", "Apache-2.0"}}}}},
        {"servers", json::array{json::object{{"url", "/"}}}},
        {"security", json::array{json::object{{"token", json::array()}}}},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", schemas()},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}, {"description", "`persais token add` makes one."}}}}}}}};
}

const std::string& openapi_text() {
    static const std::string text = to_text(openapi_document()) + "\n";
    return text;
}

} // namespace persais::api
