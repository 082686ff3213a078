#pragma once
#include "worker/dispatcher.hpp"
#include "world/remote.hpp"
#include "world/world.hpp"

namespace persais::world {

/// A process's access to the store, with the faults of its service.
class world_wire final : public wire {
public:
    world_wire(simulation& in, std::shared_ptr<const life> of) : in_(in), of_(std::move(of)) {}
    awaitable<void> send(const char* what, std::function<void(store_model&)> statement) override;

private:
    simulation& in_;
    std::shared_ptr<const life> of_;
};

class world_clock final : public clock {
public:
    world_clock(const simulation& in, int service) : in_(in), service_(service) {}
    time_point now() const override;
    std::chrono::steady_clock::time_point steady() const override;

private:
    const simulation& in_;
    int service_;
};

/// One process of `persais serve`: the real dispatcher on an executor of ours.
class service {
public:
    service(simulation& in, std::shared_ptr<life> of);
    /// Told to leave, at once or with a clean end; then waited for.
    void leave() { work_.leave(); }
    awaitable<void> ended();
    void wake() { work_.wake(); }
    int running() const { return work_.running(); }
    life& self() { return *life_; }

private:
    awaitable<void> keep_house();

    simulation& in_;
    std::shared_ptr<life> life_;
    world_clock clock_;
    world_wire way_;
    model_tasks tasks_;
    worker::driver_dependencies parts_;
    worker::dispatcher work_;
    background<void> running_;
    std::optional<background<void>> keeping_;
    std::optional<std::chrono::steady_clock::time_point> kept_;
};

} // namespace persais::world
