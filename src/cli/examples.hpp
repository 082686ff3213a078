#pragma once
#include <span>
#include <string>
#include <string_view>

namespace persais::cli {

/// A command line as a person types it, and what it does.
struct example {
    std::string_view command;          // "config check"
    std::string_view line;             // without "persais "
    std::string_view english, russian; // what it does
};
std::span<const example> examples();

/// The examples of one command as lines of its help; empty: it has none.
std::string examples_of(std::string_view command);

} // namespace persais::cli
