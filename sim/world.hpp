#pragma once
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "core/trace.hpp"
#include "sim/agenda.hpp"
#include "sim/clock_seam.hpp"
#include "sim/gateway.hpp"
#include "sim/host.hpp"
#include "sim/network.hpp"
#include "sim/seed.hpp"

namespace lucid::sim {

// Hosts, networks, NATs and links in virtual time, all chance from one seed: the same seed and the
// same calls give the same run, to the byte.
//
//   World world;
//   Gateway& home = world.add_gateway({.name = "home", .address = ..., .nat = Nat::symmetric()});
//   Host& laptop = world.add_host("laptop");
//   laptop.connect(home.inside(), "192.168.1.2", Access::both({.delay = 10ms}));
//   auto& agent = laptop.run([](core::Context c) { return ice::Agent{{}, c}; });
//   agent->gather(world.now());
//   EXPECT_TRUE(world.run_until([&] { return agent.saw<...>(); }, 10s));
class World {
 public:
  explicit World(Seed seed = default_seed(), core::trace::Sink* sink = nullptr);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Network& internet() { return inhabitants_.networks.front(); }
  Network& add_network(std::string name);
  Host& add_host(std::string name);
  // To the internet, or to the network named.
  Gateway& add_gateway(Gateway::Config config);
  Gateway& add_gateway(Network& outside, Gateway::Config config);

  // The DNS, and how long it takes to answer. ".local" names are published by the machines.
  void name(std::string name, std::vector<core::Ip> addresses);
  void resolve_takes(core::Duration duration) { names_.takes = duration; }

  // Runs until the predicate holds; false when it did not within `limit`.
  template <class Predicate>
  bool run_until(Predicate&& done, core::Duration limit) {
    const core::Time end = now_ + limit;
    while (!done()) {
      if (!step(end)) return false;
    }
    return true;
  }
  void run_for(core::Duration duration);
  // Something that is to happen then: a link changes, an interface goes down.
  void at(core::Time time, std::function<void()> action);
  void after(core::Duration wait, std::function<void()> action) {
    at(now_ + wait, std::move(action));
  }

  core::Time now() const { return now_; }
  Seed seed() const { return seed_; }

  // For the inhabitants.
  const core::Time& clock() const { return now_; }
  core::Pool& pool() { return pool_; }
  core::trace::Sink* sink() const { return sink_; }
  Seed next_seed() { return derive(seed_, inhabitants_.parts++); }
  std::uint32_t next_id() { return ++inhabitants_.ids; }
  void join(Element& element);
  void reschedule(Element& element) { agenda_.set(element, element.next()); }
  // Of a host on these networks.
  void resolve(Resident& by, const std::vector<const Network*>& from, const core::Resolve& effect);
  void publish(const Network* where, std::string name, core::Ip ip);
  void withdraw(const Network* where, const std::string& name);

 private:
  // What was asked for by at(), in order.
  struct Script final : Element {
    std::optional<core::Time> next() const override;
    void fire(core::Time now) override;
    std::multimap<core::Time, std::function<void()>> actions;
  };

  bool step(core::Time end);

  struct Inhabitants {
    std::list<Network> networks;
    std::list<Gateway> gateways;
    std::list<Host> hosts;
    std::uint64_t parts = 0;
    std::uint32_t ids = 0;
  };
  struct Names {
    core::Duration takes{std::chrono::milliseconds{20}};
    // By the network where a ".local" name is known; null: everywhere.
    std::map<std::pair<const Network*, std::string>, std::vector<core::Ip>> addresses;
  };

  core::Time now_ = virtual_start;
  Seed seed_;
  core::trace::Sink* sink_;
  core::Pool pool_;
  Agenda agenda_;
  int standing_ = 0;
  Script script_;
  Names names_;
  Inhabitants inhabitants_;
};

}  // namespace lucid::sim
