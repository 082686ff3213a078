#pragma once
#include "base/async.hpp"
#include "config/settings.hpp"
#include "service/access.hpp"

#include <optional>
#include <string>
#include <vector>

/// Which models people may choose for what they ask.
namespace persais::service {

/// What the model endpoint lists.
class model_catalogue {
public:
    virtual ~model_catalogue() = default;
    /// Every name in its list; nullopt: it has none, or it cannot be read now.
    virtual awaitable<std::optional<std::vector<std::string>>> names() = 0;
    /// Whether the endpoint knows the name: one of its list, a variant (`x/y:nitro`) or an alias of one.
    virtual awaitable<bool> knows(std::string name) = 0;
};

/// The models that others than admins may choose: AIDER_MODEL and those of ALLOWED_MODELS.
std::vector<std::string> models_for_users(const config::settings& settings);
/// Whether a task of this person may be worked on by that model, which was chosen at some time: others than admins keep
/// no choice that the settings do not allow any more.
bool may_use(role who, const std::string& model, const config::settings& settings);

struct model_choice {
    enum class outcome {
        listed,      ///< the endpoint has it
        unchecked,   ///< the endpoint's list could not be read: taken as it was said
        unlisted,    ///< the endpoint has no such model; `near` is the one that was probably meant
        not_allowed, ///< an admin may choose it, and this person may not
        no_name,     ///< a name has no blanks, and at most limits::model_name_bytes
    };
    outcome what;
    std::string name;                     ///< as the endpoint spells it
    std::optional<std::string> near = {}; ///< see `unlisted`
    bool taken() const { return what == outcome::listed || what == outcome::unchecked; }
};
/// `said`: as people write it; `openrouter/x/y`, aider's spelling, is `x/y`.
awaitable<model_choice> choose_model(model_catalogue& endpoint, role who, std::string said,
                                     const config::settings& settings);

} // namespace persais::service
