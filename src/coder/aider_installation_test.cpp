// When an installation has become another one.
#include "base/temp_dir.hpp"
#include "coder/aider_installation.hpp"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::coder;
namespace fs = std::filesystem;

namespace {

class stamp : public ::testing::Test {
protected:
    void SetUp() override {
        for (const auto* folder :
             {"env/bin", "env/lib/python3/site-packages/aider", "agent/persais_agent", "usr/bin", "keeper"})
            fs::create_directories(folder_.path() / folder);
        for (const auto* file : {"env/pyvenv.cfg", "env/.stamp", "usr/bin/python3", "agent/run.py",
                                 "agent/persais_agent/main.py", "keeper/persais-keeper", "keeper/other"})
            std::ofstream(folder_.path() / file) << "old";
        fs::create_symlink(folder_.path() / "usr/bin/python3", folder_.path() / "env/bin/python");
    }
    std::string now() const {
        return stamp_of({folder_.path() / "env", folder_.path() / "agent/run.py"},
                        {folder_.path() / "keeper/persais-keeper"});
    }
    /// As an installer does that writes over a file, or into a folder, at another time than the last.
    void install(const std::string& name) const {
        auto path = folder_.path() / name;
        auto time = [&] {
            struct stat info{};
            ::stat(path.c_str(), &info);
            return std::pair(info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
        };
        for (auto before = time(); time() == before;)
            if (fs::is_directory(path))
                fs::remove(path / "new"), std::ofstream(path / "new") << "new";
            else
                std::ofstream(path) << "new";
    }

    temp_dir folder_;
};

} // namespace

TEST_F(stamp, is_another_when_anything_is_installed_anew) {
    for (const auto* name :
         {"env/pyvenv.cfg", "env/bin", "env/.stamp", "env/lib/python3/site-packages", "usr/bin/python3", "agent",
          "agent/run.py", "agent/persais_agent", "agent/persais_agent/main.py", "keeper/persais-keeper"}) {
        auto before = now();
        EXPECT_EQ(now(), before);
        install(name);
        EXPECT_NE(now(), before) << name;
    }
}

TEST_F(stamp, stays_when_something_else_is) {
    auto before = now();
    for (const auto* name : {"usr", "keeper/other", "keeper"})
        install(name);
    EXPECT_EQ(now(), before);
}
