#pragma once
#include "config/settings.hpp"

#include <fstream>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace persais::config {

/// A test with a new folder for .env and the files of secrets.
class in_folder : public ::testing::Test {
protected:
    in_folder() { std::filesystem::create_directories(folder); }
    ~in_folder() override { std::filesystem::remove_all(folder); }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

    const environment home{{"HOME", "/home/someone"}};
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        fmt::format("persais-{}-{}", ::testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
};

} // namespace persais::config
