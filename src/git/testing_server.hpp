#pragma once
#include "git/testing.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persais::git::testing {

/// A program that prints "listening URL" and serves until it is stopped, or prints "unusable: REASON".
class server {
public:
    explicit server(std::vector<std::string> argv) {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        std::vector<char*> words;
        for (auto& word : argv)
            words.push_back(word.data());
        words.push_back(nullptr);
        EXPECT_EQ(::posix_spawn(&pid_, words[0], &actions, nullptr, words.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        FILE* from = ::fdopen(ends[0], "r");
        char line[256] = {};
        if (std::fgets(line, sizeof line, from)) url_ = line;
        std::fclose(from);
        url_ = url_.substr(0, url_.find('\n'));
        if (url_.starts_with("unusable: ")) {
            why_not_ = url_.substr(10);
            return;
        }
        EXPECT_TRUE(url_.starts_with("listening ")) << url_;
        url_ = url_.substr(std::min<std::size_t>(url_.size(), 10));
    }
    ~server() { stop(); }
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    const std::string& url() const { return url_; }
    /// Why this machine or user cannot run such a server; empty when it runs.
    const std::string& why_not() const { return why_not_; }

private:
    pid_t pid_ = 0;
    std::string url_, why_not_;
};

} // namespace persais::git::testing
