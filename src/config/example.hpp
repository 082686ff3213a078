#pragma once
#include "config/table.hpp"

#include <string>

namespace persais::config {

/// A value with what in it is still an example of ours: what .env.example and the list that users were given first say
/// in the place of an own value. Such numbers would make strangers admins, and such hosts are nobody's.
struct own_value {
    std::string example; ///< what is an example, fit to be shown; empty: nothing
    std::string rest;    ///< what is the user's own; empty: nothing
};
own_value without_example(const row& each, std::string_view value);

/// The sentence about it, without the setting's name; empty: nothing is an example.
std::string example_words(const own_value& of);

} // namespace persais::config
