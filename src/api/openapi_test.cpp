#include "api/components.hpp"
#include "api/openapi.hpp"
#include "api/operation.hpp"
#include "api/problem.hpp"
#include "api/schema.hpp"
#include "base/json.hpp"
#include "http/route_table.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::api;
namespace json = boost::json;

namespace {

const std::filesystem::path written = std::filesystem::path(PERSAIS_SOURCE_DIR) / "docs/openapi.json";

/// All texts under "$ref".
void references(const json::value& of, std::set<std::string>& found) {
    if (const auto* list = of.if_array())
        for (const auto& each : *list)
            references(each, found);
    const auto* object = of.if_object();
    if (!object) return;
    for (const auto& [key, value] : *object)
        if (key == "$ref")
            found.insert(std::string(value.as_string()));
        else
            references(value, found);
}

} // namespace

TEST(operations, each_can_be_routed_and_has_schemas_that_are_held) {
    http::route_table routes;
    std::set<std::string_view> ids;
    for (const auto& each : operations()) {
        EXPECT_NO_THROW(routes.add(std::string(each.method), std::string(root) + std::string(each.path))) << each.id;
        EXPECT_TRUE(ids.insert(each.id).second) << each.id;
        EXPECT_NE(each.answers == nullptr, each.streams == nullptr) << each.id;
        for (const auto& p : each.parameters) {
            EXPECT_NO_THROW((void)fault_of("x", json::parse(p.schema).as_object(), p.name)) << each.id << p.name;
            if (p.in == parameter::place::path)
                EXPECT_TRUE(each.path.contains("{" + std::string(p.name) + "}")) << each.id;
        }
        if (each.body.empty()) continue;
        const auto* schema = object_in(schemas(), each.body);
        ASSERT_TRUE(schema) << each.body;
        for (const auto& [name, of] : schema->at("properties").as_object())
            EXPECT_NO_THROW((void)fault_of("x", of.as_object(), name)) << each.id << name;
    }
}

TEST(openapi, names_nothing_that_is_not_in_it) {
    std::set<std::string> found;
    auto document = openapi_document();
    references(document, found);
    for (const auto& each : found) {
        auto name = each.substr(each.rfind('/') + 1);
        EXPECT_EQ(each, "#/components/schemas/" + name);
        EXPECT_TRUE(schemas().contains(name)) << each;
    }
    for (const auto& [name, of] : schemas())
        EXPECT_TRUE(found.contains("#/components/schemas/" + std::string(name))) << name << " is nobody's";
}

TEST(operations, know_all_states) {
    const auto& list = *std::ranges::find(operations(), "listTasks", &operation::id);
    std::set<std::string> known;
    for (const auto& each : json::parse(list.parameters.front().schema).at("enum").as_array())
        known.insert(std::string(each.as_string()));
    auto all = mechanic::state_names();
    EXPECT_EQ(known, std::set<std::string>(all.begin(), all.end()));
}

TEST(openapi, says_how_long_an_instruction_may_be_as_the_rules_do) {
    for (const auto* name : {"NewTask", "Reply"}) {
        auto most = schemas().at(name).at("properties").at("instruction").at("maxLength").as_int64();
        EXPECT_TRUE(service::fits(static_cast<std::size_t>(most)));
        EXPECT_FALSE(service::fits(static_cast<std::size_t>(most) + 1));
    }
}

/// WRITE_DOCUMENTS=1 writes it.
TEST(openapi, the_document_in_docs_is_the_one_that_is_served) {
    if (std::getenv("WRITE_DOCUMENTS")) std::ofstream(written) << openapi_text();
    std::ostringstream there;
    there << std::ifstream(written).rdbuf();
    EXPECT_EQ(there.str(), openapi_text());
}

TEST(problem, has_the_sentence_that_a_person_gets_and_a_word_for_programs) {
    service::refusal why{service::refusal::reason::no_task, "There is no task 7."};
    auto said = problem_of(why, false);
    EXPECT_EQ(said.status, 404);
    EXPECT_EQ(http::header(said.fields, "content-type"), "application/problem+json");
    auto body = json::parse(said.body).as_object();
    EXPECT_EQ(text_in(body, "detail"), "There is no task 7.");
    EXPECT_EQ(text_in(body, "title"), "Not Found");
    EXPECT_EQ(text_in(body, "reason"), "no_task");
    EXPECT_EQ(whole_in(body, "status"), 404);
    EXPECT_EQ(text_in(json::parse(problem_of(why, true).body).as_object(), "detail"), "Задачи 7 нет.");
}
