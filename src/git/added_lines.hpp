#pragma once
#include "git/git.hpp"

#include <string>
#include <string_view>

namespace persais::git {

/// Reads the output of `git diff --unified=0` as it comes, in pieces of any size.
class added_lines_reader {
public:
    explicit added_lines_reader(added_lines into) : into_(std::move(into)) {}
    void add(std::string_view piece);

private:
    void piece_of_line(std::string_view text, bool ends);
    void header(std::string_view line);

    added_lines into_;
    std::string kept_;       // the beginning of a line
    bool continues_ = false; // what comes is the rest of a long added line
    bool skips_ = false;     // or of another long line
    std::string path_;
    long old_left_ = 0, new_left_ = 0; // lines of the hunk that are still to come
    int number_ = 0;
};

} // namespace persais::git
