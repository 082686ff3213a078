#pragma once

#ifndef PERSAIS_VERSION
#define PERSAIS_VERSION "0.1.0"
#endif

namespace persais::cli {

inline constexpr const char* version = PERSAIS_VERSION;

} // namespace persais::cli
