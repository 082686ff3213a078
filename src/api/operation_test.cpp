#include "api/schema.hpp"
#include "api/testing_document.hpp"

#include <chrono>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
using namespace persais::api::testing;

namespace {

json::object schema_of(const parameter& p) {
    return json::parse(p.schema).as_object();
}

/// Of all requests: each parameter and each field of a body, with its schema.
std::vector<std::pair<std::string, json::object>> all_values() {
    std::vector<std::pair<std::string, json::object>> all;
    for (const auto& each : operations()) {
        for (const auto& p : each.parameters)
            all.emplace_back(fmt::format("{}.{}", each.id, p.name), schema_of(p));
        if (each.body.empty()) continue;
        for (const auto& [name, of] : object_in(schemas(), each.body)->at("properties").as_object())
            all.emplace_back(fmt::format("{}.{}", each.body, std::string_view(name)), of.as_object());
    }
    return all;
}

const std::map<std::string, std::string> samples{
    {"^[1-9][0-9]{0,17}$", "17"},
    {"^([0-9a-f]{40}|[0-9a-f]{64})$", std::string(40, 'a')},
    {"^[!-~]+$", "a-key"},
    {"^[0-9]{1,18}([.][0-9]{1,18}){0,50}$", "17.12"},
};

} // namespace

TEST(operations, that_change_something_are_no_GET_and_need_more_than_reading) {
    for (const auto& each : operations()) {
        bool reads = each.method == "GET";
        EXPECT_TRUE(reads || each.method == "POST") << each.id;
        if (!reads) EXPECT_NE(each.needs, service::scope::read) << each.id << ": a token that reads only";
        if (reads) EXPECT_TRUE(each.body.empty()) << each.id;
        if (each.path.contains("deploy") || each.path.contains("rollback"))
            EXPECT_EQ(each.needs, service::scope::deploy) << each.id;
        bool has_key = std::ranges::find(each.parameters, "Idempotency-Key", &parameter::name) != each.parameters.end();
        EXPECT_EQ(has_key, each.answer == "Accepted") << each.id << ": what makes something new can be sent once more";
        EXPECT_EQ(each.path.contains("{task}"),
                  std::ranges::find(each.parameters, "task", &parameter::name) != each.parameters.end())
            << each.id;
    }
}

TEST(operations, take_no_text_without_an_end_and_no_field_that_they_do_not_know) {
    for (const auto& [name, schema] : all_values()) {
        if (text_in(schema, "type") != "string" || schema.contains("enum")) continue;
        EXPECT_TRUE(whole_in(schema, "maxLength")) << name << ": a pattern is looked for in what has an end";
        EXPECT_TRUE(fault_of(json::value(std::string(20000, '1')), schema, name)) << name;
        EXPECT_TRUE(fault_of(json::value(std::string("1\0", 2)), schema, name)) << name;
    }
    for (const auto& each : operations())
        if (!each.body.empty())
            EXPECT_TRUE(fault_of(json::object{{"admin", true}}, *object_in(schemas(), each.body), "")) << each.id;
}

TEST(operations, take_a_text_with_a_pattern_whole_or_not_at_all) {
    std::set<std::string> seen;
    for (const auto& [name, schema] : all_values()) {
        auto pattern = text_in(schema, "pattern");
        if (pattern.empty()) continue;
        ASSERT_TRUE(samples.contains(pattern)) << name << " " << pattern;
        seen.insert(pattern);
        const auto& good = samples.at(pattern);
        EXPECT_EQ(fault_of(json::value(good), schema, name), std::nullopt);
        for (const auto& bad : {good + "\n", "\n" + good, good + "\nx", "x\n" + good, good + " ", " " + good,
                                good + "\r\nX: y", "-" + good + "\n", good + "’", std::string()})
            EXPECT_TRUE(fault_of(json::value(bad), schema, name)) << name << " took '" << bad << "'";
    }
    EXPECT_EQ(seen.size(), samples.size());
}

TEST(operations, have_numbers_of_tasks_that_fit_a_number) {
    for (const auto& [name, schema] : all_values()) {
        if (!name.ends_with(".task") && !name.ends_with(".cursor")) continue;
        auto takes = [&](const char* text) { return !fault_of(json::value(text), schema, name); };
        EXPECT_TRUE(takes("1") && takes("999999999999999999")) << name;
        for (const auto* bad : {"0", "01", "-1", "+1", "1e3", "1.0", "0x1", "1_0", "٣", "9223372036854775808",
                                "1000000000000000000", "1 or 1=1", "../1"})
            EXPECT_FALSE(takes(bad)) << name << " " << bad;
    }
}

TEST(operations, are_in_the_document_with_what_they_take_and_answer) {
    auto document = openapi_document();
    std::size_t there = 0;
    for (const auto& [path, methods] : document.at("paths").as_object())
        there += methods.as_object().size();
    EXPECT_EQ(there, operations().size());
    for (const auto& each : operations()) {
        const auto& at = document.at("paths")
                             .at(std::string(root) + std::string(each.path))
                             .at(each.method == "GET" ? "get" : "post")
                             .as_object();
        EXPECT_EQ(text_in(at, "operationId"), each.id);
        EXPECT_TRUE(text_in(at, "description").contains(service::name_of(each.needs))) << each.id;
        EXPECT_EQ(at.contains("requestBody"), !each.body.empty()) << each.id;
        std::set<std::string> shown, has;
        for (const auto& p : at.at("parameters").as_array()) {
            shown.insert(text_in(p.as_object(), "in") + " " + text_in(p.as_object(), "name"));
            EXPECT_EQ(flag_in(p.as_object(), "required"), text_in(p.as_object(), "in") == "path") << each.id;
            const auto& schema = p.at("schema").as_object();
            if (schema.contains("default"))
                EXPECT_EQ(fault_of(schema.at("default"), schema, "x"), std::nullopt) << each.id;
        }
        for (const auto& p : each.parameters)
            has.insert((p.in == parameter::place::path    ? "path "
                        : p.in == parameter::place::query ? "query "
                                                          : "header ") +
                       std::string(p.name));
        EXPECT_EQ(shown, has) << each.id;
        for (const auto* status : {"400", "401", "403", "429", "503"})
            EXPECT_TRUE(at.at("responses").as_object().contains(status)) << each.id << " " << status;
    }
    for (const auto& [name, schema] : schemas()) // what a reader of the document relies on
        if (const auto* properties = object_in(schema.as_object(), "properties"))
            for (const auto& needed : texts_in(schema.as_object(), "required"))
                EXPECT_TRUE(properties->contains(needed)) << name << " needs " << needed;
}
