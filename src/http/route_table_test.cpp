#include "http/route_table.hpp"

#include <gtest/gtest.h>

using namespace persais::http;

namespace {

/// "GET /tasks/{id}" lines, and what a request for "GET /tasks/7" comes to: "0 id=7", "404", "405 GET, HEAD", "400".
struct routes {
    routes(std::initializer_list<std::string_view> all) {
        for (auto line : all) {
            auto space = line.find(' ');
            table.add(std::string(line.substr(0, space)), line.substr(space + 1));
        }
    }
    std::string find(std::string_view request) const {
        auto space = request.find(' ');
        auto match = table.find(request.substr(0, space), request.substr(space + 1));
        if (std::holds_alternative<route_table::no_path>(match)) return "404";
        if (std::holds_alternative<route_table::malformed>(match)) return "400";
        if (auto* wrong = std::get_if<route_table::no_method>(&match))
            return "405 " + std::to_string(wrong->index) + " " + wrong->allow;
        auto& found = std::get<route_table::found>(match);
        auto text = std::to_string(found.index);
        for (const auto& [name, value] : found.path)
            text += " " + name + "=" + value;
        return text;
    }
    route_table table;
};

const routes api{"GET /",
                 "GET /api/v1/tasks",
                 "POST /api/v1/tasks",
                 "GET /api/v1/tasks/{id}",
                 "DELETE /api/v1/tasks/{id}",
                 "GET /api/v1/tasks/newest",
                 "GET /api/v1/tasks/{id}/log/{turn}",
                 "POST /{...}/hook"};

} // namespace

TEST(route_table, finds_a_path_and_its_parameters) {
    EXPECT_EQ(api.find("GET /"), "0");
    EXPECT_EQ(api.find("GET /api/v1/tasks"), "1");
    EXPECT_EQ(api.find("POST /api/v1/tasks"), "2");
    EXPECT_EQ(api.find("GET /api/v1/tasks/17"), "3 id=17");
    EXPECT_EQ(api.find("DELETE /api/v1/tasks/17"), "4 id=17");
    EXPECT_EQ(api.find("GET /api/v1/tasks/17/log/2"), "6 id=17 turn=2");
}

TEST(route_table, finds_nothing_that_is_not_there) {
    for (auto* path : {"/api", "/api/v1/tasks/", "/api/v1/tasks//log/2", "/api/v1/tasks/17/", "/API/v1/tasks", "//",
                       "/api/v1/tasks/17/log", "/api/v1/tasks/17/log/2/3", "/%61pi/v1/tasks", "", "api/v1/tasks"})
        EXPECT_EQ(api.find(std::string("GET ") + path), "404") << path;
}

TEST(route_table, percent_encoding_is_data) {
    EXPECT_EQ(api.find("GET /api/v1/tasks/a%2Fb"), "3 id=a/b");
    EXPECT_EQ(api.find("GET /api/v1/tasks/a%2flog%2f2"), "3 id=a/log/2");
    EXPECT_EQ(api.find("GET /api/v1/tasks/%252F"), "3 id=%2F") << "decoded once";
    EXPECT_EQ(api.find("GET /api/v1/tasks/..%2F..%2Fetc"), "3 id=../../etc");
    EXPECT_EQ(api.find("GET /api/v1/tasks/a+b%20c"), "3 id=a+b c");
    EXPECT_EQ(api.find("GET /api/v1/tasks/%D1%8F/log/1"), "6 id=\u044f turn=1");
}

TEST(route_table, what_is_no_text_is_malformed) {
    for (auto* path : {"/api/v1/tasks/%", "/api/v1/tasks/%2", "/api/v1/tasks/%zz", "/%", "/api/v1/tasks/%00",
                       "/api/v1/tasks/a%0Ab", "/api/v1/tasks/%7F", "/api/v1/tasks/%FF", "/api/v1/tasks/%C3"})
        EXPECT_EQ(api.find(std::string("GET ") + path), "400") << path;
}

TEST(route_table, the_more_exact_pattern_is_meant_whichever_came_first) {
    EXPECT_EQ(api.find("GET /api/v1/tasks/newest"), "5");
    EXPECT_EQ(api.find("DELETE /api/v1/tasks/newest"), "4 id=newest") << "the exact one does not take it";
    routes two{"GET /{...}", "GET /a/{b}", "GET /a/{...}", "GET /{x}/c", "GET /a"};
    EXPECT_EQ(two.find("GET /a/c"), "1 b=c");
    EXPECT_EQ(two.find("GET /z/c"), "3 x=z");
    EXPECT_EQ(two.find("GET /a"), "4");
    EXPECT_EQ(two.find("GET /a/b/c"), "2");
    EXPECT_EQ(two.find("GET /z"), "0");
}

TEST(route_table, the_wrong_method_is_told_the_right_ones) {
    EXPECT_EQ(api.find("PUT /api/v1/tasks"), "405 1 GET, HEAD, POST");
    EXPECT_EQ(api.find("PUT /api/v1/tasks/17"), "405 3 DELETE, GET, HEAD");
    EXPECT_EQ(api.find("PUT /api/v1/tasks/newest"), "405 5 DELETE, GET, HEAD");
    EXPECT_EQ(api.find("get /"), "405 0 GET, HEAD") << "methods are told apart by case";
}

TEST(route_table, a_route_for_get_answers_head) {
    EXPECT_EQ(api.find("HEAD /api/v1/tasks/17"), "3 id=17");
    EXPECT_EQ(api.find("HEAD /hook"), "405 7 POST");
}

TEST(route_table, dots_stand_for_any_number_of_segments) {
    for (auto* path : {"/hook", "/a/hook", "/a/b/hook", "//hook", "/hook/hook"})
        EXPECT_EQ(api.find(std::string("POST ") + path), "7") << path;
    for (auto* path : {"/ahook", "/hook/", "/hook/a"})
        EXPECT_EQ(api.find(std::string("POST ") + path), "404") << path;
}

TEST(route_table, a_mistake_of_the_program_is_told_at_once) {
    for (auto* pattern : {"", "a", "/{", "/a{b}", "/{}", "/{a}/{a}", "/{...}/{...}", "/{{a}}", "/a}"})
        EXPECT_THROW(route_table().add("GET", pattern), std::invalid_argument) << pattern;
    EXPECT_THROW(route_table().add("HEAD", "/"), std::invalid_argument);
    EXPECT_THROW(route_table().add("", "/"), std::invalid_argument);
    route_table twice;
    twice.add("GET", "/a/{b}");
    EXPECT_THROW(twice.add("GET", "/a/{c}"), std::invalid_argument);
    EXPECT_EQ(twice.add("POST", "/a/{c}"), 1u);
}
