#include "base/colours.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace persais;

namespace {

class colours_test : public testing::Test {
protected:
    colours_test() {
        for (auto* name : {"NO_COLOR", "CLICOLOR_FORCE"})
            ::unsetenv(name);
        ::setenv("TERM", "xterm", 1);
    }
    ~colours_test() override {
        for (auto* name : {"NO_COLOR", "CLICOLOR_FORCE", "TERM"})
            ::unsetenv(name);
        ::close(terminal);
        ::close(file);
    }

    int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    int file = ::open("/dev/null", O_WRONLY);
};

using Colours = colours_test;

} // namespace

TEST_F(Colours, are_for_a_terminal) {
    EXPECT_TRUE(coloured(terminal));
    EXPECT_FALSE(coloured(file));
    ::setenv("TERM", "dumb", 1);
    EXPECT_FALSE(coloured(terminal));
}

TEST_F(Colours, are_not_wanted_by_NO_COLOR_and_wanted_by_CLICOLOR_FORCE) {
    ::setenv("CLICOLOR_FORCE", "1", 1);
    EXPECT_TRUE(coloured(file));
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(coloured(file));
    EXPECT_FALSE(coloured(terminal));
    ::setenv("NO_COLOR", "", 1);
    ::setenv("CLICOLOR_FORCE", "0", 1);
    EXPECT_TRUE(coloured(terminal)) << "an empty NO_COLOR is none";
    EXPECT_FALSE(coloured(file));
}
