#pragma once
#include "config/table.hpp"

namespace persais::config {

/// Whether both have the same value of this setting.
bool same(const row& each, const settings& left, const settings& right);
/// Gives `to` the value that `from` has.
void take_over(const row& each, settings& to, const settings& from);
/// The value on one line, as it would be written in .env; of a secret "set (51 characters)", never any part of it;
/// empty: not set.
std::string shown_value(const row& each, const settings& of);

} // namespace persais::config
