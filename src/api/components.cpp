#include "api/components.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

namespace persais::api {

namespace json = boost::json;

extern const std::string_view json_schema; // docs/json.schema.json

namespace {

/// Definitions of docs/json.schema.json under their names here, and those that they refer to.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> shared{
    {{"task", "Task"},
     {"task_summary", "TaskSummary"},
     {"people", "Person"},
     {"costs", "CostLine"},
     {"task_number", "TaskNumber"},
     {"task_number_or_null", "TaskNumberOrNull"},
     {"commit", "Commit"},
     {"time", "Time"},
     {"state_name", "StateName"},
     {"verdict_or_none", "Verdict"},
     {"check_outcome", "CheckOutcome"},
     {"noted", "NotedFiles"},
     {"recalled", "Recalled"},
     {"health", "Health"}}};

/// With references to where the definitions are here.
json::value with_references(const json::value& of) {
    if (const auto* list = of.if_array()) {
        json::array all;
        for (const auto& each : *list)
            all.push_back(with_references(each));
        return all;
    }
    const auto* object = of.if_object();
    if (!object) return of;
    json::object all;
    for (const auto& [key, value] : *object) {
        std::string text = key == "$ref" ? std::string(value.as_string()) : "";
        for (const auto& [from, to] : shared)
            if (text == fmt::format("#/$defs/{}", from)) text = fmt::format("#/components/schemas/{}", to);
        all[key] = key == "$ref" ? json::value(text) : with_references(value);
    }
    return all;
}

constexpr std::string_view own = R"({
"Problem": {"type": "object", "required": ["type", "title", "status", "detail"], "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
    "detail": {"type": "string", "description": "One sentence, as a person gets it: what was wrong, and what to do."},
    "reason": {"type": "string", "description": "The refusal as a word for programs, where a rule refused it."}}},
"Accepted": {"type": "object", "required": ["task", "turn"], "properties": {
    "task": {"$ref": "#/components/schemas/TaskNumber"},
    "turn": {"type": "integer", "minimum": 0, "description": "Of the task; 0 is the order itself."}}},
"TaskPage": {"type": "object", "required": ["tasks", "next"], "properties": {
    "tasks": {"type": "array", "items": {"$ref": "#/components/schemas/TaskSummary"}},
    "next": {"type": ["string", "null"], "description": "The cursor of the next page; null: this is the last one."}}},
"Event": {"type": "object", "required": ["event", "task", "number", "at"], "properties": {
    "event": {"enum": ["state", "progress", "log"]}, "task": {"$ref": "#/components/schemas/TaskNumber"},
    "number": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"},
    "state": {"$ref": "#/components/schemas/StateName"}, "attempt": {"type": "integer"}, "round": {"type": "integer"},
    "text": {"type": "string", "description": "Of progress: what is being done; of log: a piece of the agent's words."}}},
"LogPage": {"type": "object", "required": ["events", "next", "more"], "properties": {
    "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
    "next": {"type": "integer"}, "more": {"type": "boolean"}}},
"Repository": {"type": "object", "required": ["name", "remote"], "properties": {
    "event": {"const": "repository"}, "name": {"type": "string"}, "remote": {"type": "string"},
    "settings": {"type": "object", "description": "For admins: all settings by name; empty: not set."},
    "token": {"type": "boolean", "description": "For admins: whether it has a token of its own."},
    "environment": {"type": "array", "items": {"type": "string"}, "description": "For admins: names of its variables."}}},
"Repositories": {"type": "object", "required": ["repositories"], "properties": {
    "repositories": {"type": "array", "items": {"$ref": "#/components/schemas/Repository"}}}},
"People": {"type": "object", "required": ["people"], "properties": {
    "people": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}}}},
"Costs": {"type": "object", "required": ["costs"], "properties": {
    "costs": {"type": "array", "items": {"$ref": "#/components/schemas/CostLine"}}}},
"Self": {"type": "object", "required": ["token", "person", "role", "scopes"], "properties": {
    "token": {"type": "integer"}, "person": {"type": "string", "description": "A number, or terminal."},
    "role": {"enum": ["reader", "member", "deployer", "admin"]},
    "scopes": {"type": "array", "items": {"enum": ["read", "submit", "deploy", "admin"]}}}},
"NewTask": {"type": "object", "required": ["instruction"], "additionalProperties": false, "properties": {
    "kind": {"type": "string", "enum": ["change", "question"], "default": "change"},
    "instruction": {"type": "string", "minLength": 1, "maxLength": 16384, "description": "What should change, or what you want to know."},
    "repository": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Its short name or its address; without it, GIT_REMOTE_URL."},
    "base_branch": {"type": "string", "minLength": 1, "maxLength": 200, "description": "For admins: the branch that the work is for."},
    "check": {"type": "string", "maxLength": 4000, "description": "For admins: the command that is green when the change is good."},
    "setup": {"type": "string", "maxLength": 4000, "description": "For admins: the command that installs what the checks need."},
    "model": {"type": "string", "minLength": 1, "maxLength": 200},
    "budget_usd": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000}}},
"Reply": {"type": "object", "required": ["instruction"], "additionalProperties": false, "properties": {
    "instruction": {"type": "string", "minLength": 1, "maxLength": 16384}}},
"OfCommit": {"type": "object", "additionalProperties": false, "properties": {
    "commit": {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$", "maxLength": 64,
        "description": "The result that you have seen: when it is another one by now, nothing is done."}}},
"Landing": {"type": "object", "additionalProperties": false, "properties": {
    "commit": {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$", "maxLength": 64,
        "description": "The result that you have seen: when it is another one by now, nothing is done."},
    "anyway": {"type": "boolean", "default": false, "description": "The extra word, for a result that is not green."},
    "code": {"type": "string", "minLength": 1, "maxLength": 20, "description": "Of an authenticator app, where one is needed."}}},
"Budget": {"type": "object", "required": ["usd"], "additionalProperties": false, "properties": {
    "usd": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000, "description": "What the task may spend, in all."}}}
})";

json::object made() {
    auto all = json::parse(own).as_object();
    auto defined = json::parse(json_schema).at("$defs").as_object();
    for (const auto& [from, to] : shared)
        all[to] = with_references(defined.at(from));
    // What a person at the command line can do next is not told here.
    auto& task = all["Task"].as_object();
    task["properties"].as_object().erase("next");
    json::array required;
    for (const auto& each : task["required"].as_array())
        if (each != "next") required.push_back(each);
    task["required"] = std::move(required);
    return all;
}

} // namespace

const json::object& schemas() {
    static const json::object all = made();
    return all;
}

} // namespace persais::api
