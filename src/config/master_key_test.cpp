#include "config/master_key.hpp"
#include "config/testing.hpp"

#include <sys/stat.h>

using namespace persais::config;
using persais::secret;

namespace {

struct master_key_in : in_folder {
    settings from() const {
        settings s;
        s.data = folder / "data";
        return s;
    }
};

} // namespace

TEST_F(master_key_in, is_the_one_that_is_set) {
    auto s = from();
    s.persais_master_key = secret("of a person");
    EXPECT_EQ(master_key(s)->reveal(), "of a person");
    EXPECT_FALSE(std::filesystem::exists(s.data / "master.key"));
}

TEST_F(master_key_in, is_made_once_and_only_its_owner_reads_it) {
    auto made = master_key(from());
    ASSERT_TRUE(made) << made.error();
    EXPECT_GE(made->reveal().size(), 43u);
    EXPECT_EQ(master_key(from())->reveal(), made->reveal());
    struct stat now{};
    ASSERT_EQ(::stat((folder / "data/master.key").c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 0777, 0600u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "data"), {}), 1) << "nothing else is left";
}

TEST_F(master_key_in, another_data_folder_has_another) {
    auto one = master_key(from());
    auto other = from();
    other.data = folder / "other";
    EXPECT_NE(master_key(other)->reveal(), one->reveal());
}

TEST_F(master_key_in, an_empty_file_is_a_sentence_and_stays) {
    std::filesystem::create_directories(folder / "data");
    write("data/master.key", "\n");
    auto got = master_key(from());
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().find("master.key"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(folder / "data/master.key"), 1u);
}

TEST_F(master_key_in, a_folder_that_cannot_be_written_is_a_sentence) {
    write("data", "a file where the folder should be");
    auto got = master_key(from());
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().find("PERSAIS_DATA"), std::string::npos);
}
