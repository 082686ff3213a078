#pragma once
#include <string>
#include <string_view>

namespace persais {

/// The name of a model as its endpoint spells it. "openrouter/x/y", aider's spelling, is "x/y", and
/// "openrouter/openrouter/auto" is "openrouter/auto", OpenRouter's own model, whose name stays.
std::string plain_model(std::string_view name);

} // namespace persais
