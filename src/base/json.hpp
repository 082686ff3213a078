#pragma once
#include <string>

#include <boost/json/fwd.hpp>

namespace persais {

/// JSON for people and programs alike: numbers as decimals (0.206), where Boost.JSON writes 2.06E-1.
std::string to_text(const boost::json::value& value);

} // namespace persais
