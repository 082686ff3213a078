#include "base/told.hpp"
#include "doctor/agent.hpp"
#include "sandbox/try_layers.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

constexpr auto name = "trees";

finding copied(std::string why) {
    return ok(
        name,
        told<"Each task gets a checkout of its own: {}.", "Каждая задача получает собственную выгрузку: {}.">(why),
        {{"way", "copy"}, {"why", why}});
}

} // namespace

awaitable<finding> probe_trees(subject& of, const sandbox::choice& chosen) {
    if (of.settings.trees == "copy") co_return copied("TREES=copy");
    if (!chosen.use->confines()) co_return copied(told<"there is no sandbox", "нет песочницы">());
    auto where = of.settings.data / "tasks";
    if (std::error_code ec; !std::filesystem::is_directory(where, ec))
        co_return skipped(name, told<"How trees are made is known once {} is there.",
                                     "Как создаются деревья, станет известно, когда появится {}.">(where.string()));
    auto found = co_await sandbox::try_layers(*chosen.use, where);
    if (found.how == sandbox::layering::none) co_return copied(found.why);
    if (found.how == sandbox::layering::whole)
        co_return ok(name,
                     told<"Trees are layers over a shared checkout of their commit.",
                          "Деревья - слои над общей выгрузкой своего коммита.">(),
                     {{"way", "layers"}});
    co_return ok(
        name,
        told<"The coder's trees are layers over a shared checkout of their commit; those of the checks are "
             "copied, because {}.",
             "Деревья агента - слои над общей выгрузкой своего коммита; деревья проверок копируются ({}).">(found.why),
        {{"way", "coder-layers"}, {"why", found.why}});
}

} // namespace persais::doctor
