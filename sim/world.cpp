#include "sim/world.hpp"

#include <cstdio>

namespace lucid::sim {

namespace {

// More steps than this without time moving: a machine whose deadline stays in the past, or two that
// answer each other for ever over a perfect link.
constexpr int stuck_after = 1'000'000;

}  // namespace

World::World(Seed seed, core::trace::Sink* sink) : seed_{seed}, sink_{sink} {
  remember_seed(seed);
  join(script_);
  add_network("internet");
}

Network& World::add_network(std::string name) {
  return inhabitants_.networks.emplace_back(*this, std::move(name));
}

Host& World::add_host(std::string name) {
  return inhabitants_.hosts.emplace_back(*this, std::move(name));
}

Gateway& World::add_gateway(Gateway::Config config) {
  return add_gateway(internet(), std::move(config));
}
Gateway& World::add_gateway(Network& outside, Gateway::Config config) {
  return inhabitants_.gateways.emplace_back(*this, outside, std::move(config));
}

void World::join(Element& element) { agenda_.join(element); }

bool World::step(core::Time end) {
  if (agenda_.empty() || agenda_.first_time() > end) {
    now_ = end;
    return false;
  }
  const core::Time next = agenda_.first_time();
  standing_ = next > now_ ? 0 : standing_ + 1;
  if (standing_ > stuck_after) {
    std::fprintf(stderr, "sim: time stands still: a deadline stays in the past\n");
    core::check(false);
  }
  now_ = std::max(now_, next);
  Element& element = agenda_.first();
  element.fire(now_);
  reschedule(element);
  return true;
}

void World::run_for(core::Duration duration) {
  run_until([] { return false; }, duration);
}

void World::at(core::Time time, std::function<void()> action) {
  script_.actions.emplace(time, std::move(action));
  reschedule(script_);
}

std::optional<core::Time> World::Script::next() const {
  return actions.empty() ? std::nullopt : std::optional{actions.begin()->first};
}

void World::Script::fire(core::Time now) {
  while (!actions.empty() && actions.begin()->first <= now) {
    const std::function<void()> action = std::move(actions.begin()->second);
    actions.erase(actions.begin());
    action();
  }
}

void World::name(std::string name, std::vector<core::Ip> addresses) {
  names_.addresses[{nullptr, std::move(name)}] = std::move(addresses);
}

void World::publish(const Network* where, std::string name, core::Ip ip) {
  names_.addresses[{where, std::move(name)}].push_back(ip);
}

void World::withdraw(const Network* where, const std::string& name) {
  names_.addresses.erase({where, name});
}

void World::resolve(Resident& by, const std::vector<const Network*>& from,
                    const core::Resolve& effect) {
  // Looked up when the answer is due, as a published name may be on its way.
  after(names_.takes, [this, &by, from, effect] {
    std::vector<core::Ip> found;
    const auto add = [&](const Network* where) {
      const auto known = names_.addresses.find({where, effect.name});
      if (known == names_.addresses.end()) return;
      found.insert(found.end(), known->second.begin(), known->second.end());
    };
    if (core::is_mdns_name(effect.name)) {
      for (const Network* network : from) add(network);
    } else {
      add(nullptr);
    }
    by.post(Resolved{effect.id, std::move(found)});
  });
}

}  // namespace lucid::sim
