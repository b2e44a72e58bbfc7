#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/handle.hpp"
#include "net/loop.hpp"
#include "signaling/server.hpp"

namespace lucid::app {

// How words get to one client: over a WebSocket, by polling, or within this process.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual void say(std::string_view text) = 0;
  virtual void dismiss(std::string_view reason) = 0;
};

// A dialect's server living on a loop: its timer, the carriers of its clients, its bus.
template <class Server>
class Hub {
 public:
  using PublishText = std::move_only_function<void(std::string)>;

  Hub(Server server, net::Loop& loop)
      : server_{std::move(server)}, loop_{loop}, timer_{loop, [this] {
                                                          server_.handle_timeout(loop_.now());
                                                          settle();
                                                        }} {}

  // A number for a client that will join; carriers know it before they are added.
  signaling::ClientId next_client() { return signaling::ClientId{next_++}; }
  void add(signaling::ClientId client, std::unique_ptr<Carrier> carrier) {
    carriers_[client] = std::move(carrier);
    take(signaling::Joined{client});
  }
  // A client in this process: `hear` gets what the server says to it.
  void add_local(signaling::ClientId client, std::move_only_function<void(std::string_view)> hear) {
    add(client, std::make_unique<Local>(loop_, std::move(hear)));
  }
  void remove(signaling::ClientId client) {
    take(signaling::Left{client});
    // It may be what called.
    loop_.post([this, client] { carriers_.erase(client); });
  }

  void take(signaling::Incoming incoming) {
    server_.handle_datagram(std::move(incoming), loop_.now());
    settle();
  }
  // Carries what the server has to say after a command of its own.
  void settle() {
    while (auto out = server_.poll_transmit()) carry(*out);
    timer_.set(server_.next_timeout());
  }
  void publish_to(PublishText publish) { publish_ = std::move(publish); }
  void farewell() {
    server_.farewell();
    settle();
    for (auto& [client, carrier] : carriers_) carrier->dismiss({});
  }

  Server& server() { return server_; }
  const Server& server() const { return server_; }
  std::size_t clients() const { return carriers_.size(); }

 private:
  class Local final : public Carrier {
   public:
    using Hear = std::move_only_function<void(std::string_view)>;
    Local(net::Loop& loop, Hear hear)
        : loop_{loop}, hear_{std::make_shared<Hear>(std::move(hear))} {}
    // Later: it may answer, and must not do so in the middle of this.
    void say(std::string_view text) override {
      loop_.post([hear = std::weak_ptr{hear_}, text = std::string{text}] {
        if (const auto still = hear.lock()) (*still)(text);
      });
    }
    void dismiss(std::string_view) override {}

   private:
    net::Loop& loop_;
    std::shared_ptr<Hear> hear_;
  };

  void carry(const signaling::Outgoing& out) {
    const auto carrier = [&](signaling::ClientId client) -> Carrier* {
      const auto found = carriers_.find(client);
      return found == carriers_.end() ? nullptr : found->second.get();
    };
    std::visit(core::Overloaded{[&](const signaling::Say& it) {
                                  if (auto* to = carrier(it.client)) to->say(it.text);
                                },
                                [&](const signaling::SayAll& it) {
                                  for (const auto client : it.clients) {
                                    if (auto* to = carrier(client)) to->say(it.text);
                                  }
                                },
                                [&](const signaling::Dismiss& it) {
                                  if (auto* to = carrier(it.client)) to->dismiss(it.reason);
                                },
                                [&](const signaling::Publish& it) {
                                  if (publish_) publish_(it.text);
                                }},
               out);
  }

  Server server_;
  net::Loop& loop_;
  std::uint64_t next_ = 1;
  std::map<signaling::ClientId, std::unique_ptr<Carrier>> carriers_;
  PublishText publish_;
  net::Timer timer_;
};

}  // namespace lucid::app
