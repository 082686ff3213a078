#include "base/temp_dir.hpp"
#include "cli/export_folder.hpp"

#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

using namespace persais;
using cli::export_folder;

namespace {

std::string slurp(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator(in), {}};
}

queue::exported_table table(std::string name) {
    return {.name = std::move(name),
            .columns = {{.name = "id", .type = "bigint"}, {.name = "sealed", .type = "bytea", .withheld = true}},
            .key = {"id"}};
}

} // namespace

TEST(export_folder, holds_a_file_for_each_table_and_what_describes_them) {
    temp_dir place;
    auto folder = place.path() / "new/export";
    auto made = export_folder::make(folder);
    ASSERT_TRUE(made);
    ASSERT_TRUE(made->begin(table("tasks")));
    EXPECT_TRUE(made->add(R"({"id":1})"));
    EXPECT_TRUE(made->add(R"({"id":2})"));
    EXPECT_EQ(made->rows(), 2);
    ASSERT_TRUE(made->begin(table("people")));
    EXPECT_FALSE(std::filesystem::exists(folder / "schema.json")) << "it comes last";
    ASSERT_TRUE(made->end("1.2.3", "2026-11-30T12:00:00Z"));
    EXPECT_EQ(slurp(folder / "tasks.jsonl"), "{\"id\":1}\n{\"id\":2}\n");
    EXPECT_EQ(slurp(folder / "people.jsonl"), "");
    auto said = boost::json::parse(slurp(folder / "schema.json")).as_object();
    EXPECT_EQ(said.at("program"), "persais 1.2.3");
    EXPECT_EQ(said.at("format"), 1);
    auto first = said.at("tables").as_array().at(0).as_object();
    EXPECT_EQ(first.at("file"), "tasks.jsonl");
    EXPECT_EQ(first.at("rows"), 2);
    EXPECT_EQ(first.at("key"), boost::json::array{"id"});
    EXPECT_EQ(first.at("columns").as_array().at(1).as_object().at("withheld"), true);
    EXPECT_FALSE(first.at("columns").as_array().at(0).as_object().contains("withheld"));
}

TEST(export_folder, only_its_owner_may_look_in) {
    temp_dir place;
    ASSERT_TRUE(export_folder::make(place.path() / "export"));
    struct stat seen{};
    ASSERT_EQ(::stat((place.path() / "export").c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777U, 0700U);
}

TEST(export_folder, nothing_that_is_there_is_written_over) {
    temp_dir place;
    std::ofstream(place.path() / "mine") << "x";
    auto made = export_folder::make(place.path());
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().find("not empty"), std::string::npos) << made.error();
    std::filesystem::remove(place.path() / "mine");
    EXPECT_TRUE(export_folder::make(place.path())) << "an empty one may be there";
}

TEST(export_folder, a_disk_that_is_full_makes_no_whole_export) {
    temp_dir place;
    auto made = export_folder::make(place.path() / "export");
    ASSERT_TRUE(made);
    ASSERT_TRUE(made->begin(table("tasks")));
    std::filesystem::remove(place.path() / "export/people.jsonl");
    std::filesystem::create_directory(place.path() /
                                      "export/people.jsonl"); // cannot be opened for writing, by root either
    EXPECT_FALSE(made->begin(table("people")));
    made->add("{}");
    auto ended = made->end("1.2.3", "");
    ASSERT_FALSE(ended);
    EXPECT_NE(ended.error().find("not whole"), std::string::npos) << ended.error();
    EXPECT_FALSE(std::filesystem::exists(place.path() / "export/schema.json"));
}
