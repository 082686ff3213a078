#pragma once
#include "base/temp_dir.hpp"
#include "http/client.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::llm::testing {

inline std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

/// tests/fakes/model/server.py with a script, in a process of its own that ends with this object.
class model_server {
public:
    static constexpr auto key = "not-a-real-key-5f2c";

    model_server(const std::filesystem::path& in, boost::json::value script, std::vector<std::string> more = {})
        : log_(in / "requests.jsonl") {
        std::ofstream(in / "script.json") << boost::json::serialize(script);
        std::ofstream(log_) << "";
        std::vector<std::string> args = {"python3",
                                         PERSAIS_SOURCE_DIR "/tests/fakes/model/server.py",
                                         "--script",
                                         (in / "script.json").string(),
                                         "--key",
                                         key,
                                         "--log",
                                         log_.string(),
                                         "--die-with-parent"};
        args.insert(args.end(), more.begin(), more.end());
        std::vector<char*> argv;
        for (auto& a : args)
            argv.push_back(a.data());
        argv.push_back(nullptr);
        int out[2];
        if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        int failed = ::posix_spawn(&pid_, "/usr/bin/python3", &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(out[1]);
        std::string said;
        char c;
        while (!failed && ::read(out[0], &c, 1) == 1 && c != '\n')
            said += c;
        ::close(out[0]);
        if (!said.starts_with("listening ")) throw std::runtime_error("the model server did not start: " + said);
        url = said.substr(10);
    }
    ~model_server() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    model_server(const model_server&) = delete;

    /// The log's lines about chat completions, once there are as many as expected: the server writes a line a little
    /// after its answer has ended. More than expected are seen too.
    std::vector<boost::json::object> requests(std::size_t expected = 0) const {
        for (int tries = 0; tries < 5000; ++tries) {
            if (auto all = logged(); all.size() >= expected) return all;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return logged();
    }
    std::string url;

private:
    std::vector<boost::json::object> logged() const {
        std::vector<boost::json::object> all;
        std::stringstream lines(slurp(log_));
        for (std::string line;
             std::getline(lines, line) && !lines.eof();) // a line without its end is still being written
            if (auto one = boost::json::parse(line).as_object();
                one["path"].as_string().find("chat/completions") != std::string::npos)
                all.push_back(std::move(one));
        return all;
    }
    std::filesystem::path log_;
    pid_t pid_ = -1;
};

} // namespace persais::llm::testing
