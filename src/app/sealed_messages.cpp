#include "app/sealed_messages.hpp"

#include "telegram/store/outbox.hpp"

namespace persais::app {

std::vector<service::sealed_kind> all_sealed_kinds() {
    auto all = service::sealed_kinds();
    all.push_back({telegram::sealed_messages, [](auto, auto) { return std::string(telegram::sealed_message); }});
    return all;
}

} // namespace persais::app
