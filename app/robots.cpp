#include "app/robots.hpp"

#include "app/json.hpp"

namespace lucid::app {

namespace {

namespace client = signaling::client;

}  // namespace

// A robot and its place at one hub.
template <class Server>
class Robots::In {
 public:
  In(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config, Hub<Server>& hub,
     Robot::Dialect dialect)
      : hub_{hub},
        client_{hub.next_client()},
        robot_{loop, std::move(feeds), config, std::move(dialect),
               [this](std::string text) { say(std::move(text)); }} {
    hub.add_local(client_, [this](std::string_view text) { hear(text); });
    if constexpr (over_engine_io) robot_.hear("0");
    robot_.open();
  }
  ~In() { hub_.remove(client_); }

  std::size_t calls() const { return robot_.calls(); }

 private:
  static constexpr bool over_engine_io = std::same_as<Server, signaling::SocketIoServer>;
  static constexpr bool alone_with_one = std::same_as<Server, signaling::BroadcastServer>;

  // Among several, offers are not for it; and an offer without a question may be for who is still
  // to come.
  bool is_for_it(std::string_view text) {
    if constexpr (!alone_with_one) return true;
    if (hub_.clients() != 2) {
      robot_.hang_up_all();
      asked_ = false;
      return false;
    }
    asked_ = asked_ || text_of(json::parse(text, nullptr, false), "call") == "request";
    return asked_;
  }
  // The hub is below Engine.IO, where the robot's words have the '4' of a message before them.
  void hear(std::string_view text) {
    if (!is_for_it(text)) return;
    robot_.hear((over_engine_io ? "4" : "") + std::string{text});
  }
  void say(std::string text) {
    if (over_engine_io && !text.starts_with('4')) return;
    hub_.take(signaling::Said{client_, over_engine_io ? text.substr(1) : std::move(text)});
  }

  Hub<Server>& hub_;
  signaling::ClientId client_;
  bool asked_ = false;
  Robot robot_;
};

Robots::Robots(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config,
               Hub<signaling::ChatServer>& chat, Hub<signaling::BroadcastServer>& broadcast,
               Hub<signaling::RoomsServer>& rooms, Hub<signaling::SocketIoServer>& socket_io)
    : feeds_{std::move(feeds)},
      chat_{std::make_unique<In<signaling::ChatServer>>(loop, feeds_, config, chat,
                                                        client::Chat{name})},
      broadcast_{std::make_unique<In<signaling::BroadcastServer>>(
          loop, feeds_, config, broadcast, client::Broadcast{client::Broadcast::Form::bare})},
      rooms_{std::make_unique<In<signaling::RoomsServer>>(loop, feeds_, config, rooms,
                                                          client::Rooms{name, name})},
      socket_io_{std::make_unique<In<signaling::SocketIoServer>>(loop, feeds_, config, socket_io,
                                                                 client::SocketIo{name})} {}

Robots::~Robots() = default;

std::size_t Robots::calls() const {
  return chat_->calls() + broadcast_->calls() + rooms_->calls() + socket_io_->calls();
}

}  // namespace lucid::app
