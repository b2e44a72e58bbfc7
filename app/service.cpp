#include "app/service.hpp"

#include <cstdio>

#include "app/ice_servers.hpp"
#include "app/qr_code.hpp"
#include "app/socket_carrier.hpp"
#include "app/web/pages.hpp"

namespace lucid::app {

namespace {

constexpr double qr_codes_a_second = 2;  // of all clients together: one takes milliseconds

template <class Server>
Server make(net::Loop& loop, const ServeOptions& options, core::trace::Sink* sink) {
  return Server{options.limits, loop.wall_clock(), loop.context(sink)};
}

bool is_at(const net::HttpRequest& request, std::string_view path) {
  std::string_view resource = request.resource();
  if (resource.size() > 1 && resource.ends_with('/')) resource.remove_suffix(1);
  return resource == path;
}

// Prometheus' text format.
class Metrics {
 public:
  void describe(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " ";
    text_ += help;
    text_ += "\n# TYPE " + name_ + " ";
    text_ += type;
    text_ += '\n';
  }
  void add(std::string_view dialect, std::uint64_t value) {
    text_ += name_;
    if (!dialect.empty()) {
      text_ += "{dialect=\"";
      text_ += dialect;
      text_ += "\"}";
    }
    text_ += ' ';
    text_ += std::to_string(value);
    text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace

Service::Service(net::Loop& loop, const ServeOptions& options, core::trace::Sink* sink)
    : loop_{loop},
      options_{options},
      gate_{options.gate},
      pages_{web_pages()},
      chat_{make<signaling::ChatServer>(loop, options, sink), loop},
      broadcast_{make<signaling::BroadcastServer>(loop, options, sink), loop},
      rooms_{make<signaling::RoomsServer>(loop, options, sink), loop},
      socket_io_{make<signaling::SocketIoServer>(loop, options, sink), loop},
      engine_door_{loop,
                   socket_io_,
                   gate_,
                   {.sessions = options.limits.clients,
                    .sessions_per_address = options.gate.per_address,
                    .message = options.limits.message}},
      relay_{loop, options, sink},
      qr_codes_{qr_codes_a_second, loop.now()},
      began_{loop.now()} {
  if (options.robot) {
    robots_ = std::make_unique<Robots>(
        loop, std::make_shared<Feeds>(loop, options.video, options.audio),
        SessionConfig{.sink = sink}, chat_, broadcast_, rooms_, socket_io_);
  }
}

Service::~Service() = default;

// Each dialect with the name of its channel.
template <class Do>
void Service::each_hub(Do what) {
  what(chat_, "lucid:chat");
  what(broadcast_, "lucid:broadcast");
  what(rooms_, "lucid:rooms");
  what(socket_io_, "lucid:socketio");
}

bool Service::join_bus() {
  if (options_.bus.empty()) return true;
  std::vector<std::string> channels;
  each_hub([&](auto&, const char* channel) { channels.emplace_back(channel); });
  auto opened = RedisBus::open(
      loop_, options_.bus, std::move(channels),
      {[this] {
         std::fprintf(stderr, "lucid: the bus is up: one service with all others on it\n");
         each_hub([](auto& hub, const char*) { hub.take(signaling::BusUp{}); });
       },
       [this](std::string_view why) {
         std::fprintf(
             stderr,
             "lucid: the bus is down (%.*s): this server goes on by itself, and tries again\n",
             static_cast<int>(why.size()), why.data());
         each_hub([](auto& hub, const char*) { hub.take(signaling::BusDown{}); });
       },
       [this](std::string_view on, const std::string& text) {
         each_hub([&](auto& hub, const char* channel) {
           if (on == channel) hub.take(signaling::BusSaid{text});
         });
       }});
  if (!opened) {
    std::fprintf(stderr, "lucid: --bus: %s\n", opened.error().c_str());
    return false;
  }
  bus_ = *std::move(opened);
  each_hub([this](auto& hub, const char* channel) {
    hub.publish_to([this, channel](const std::string& text) { bus_->publish(channel, text); });
  });
  return true;
}

template <class Server>
void Service::enter(Hub<Server>& hub, net::HttpExchange exchange) {
  if (!exchange.request().wants_websocket()) {
    auto response =
        net::HttpResponse::text(426, "This is for WebSockets. The call page is at /.\n");
    response.headers.add("Upgrade", "websocket");
    return exchange.respond(response);
  }
  auto pass = gate_.admit(exchange.request());
  if (!pass) return exchange.respond(pass.error());
  accept(hub, std::move(exchange), std::move(*pass));
}

void Service::serve(net::HttpExchange exchange) {
  if (leaving_) {
    return exchange.respond(net::HttpResponse::text(503, "The server is going away.\n"));
  }
  if (serve_dialect(exchange) || serve_report(exchange)) return;
  const net::HttpRequest& request = exchange.request();
  if (is_at(request, "/qr")) return exchange.respond(qr(request));
  if (auto page = pages_.answer(request)) return exchange.respond(*page);
  exchange.respond(net::HttpResponse::text(404, "There is nothing here. The call page is at /.\n"));
}

void Service::serve_chat(net::HttpExchange exchange) {
  if (!serve_report(exchange)) enter(chat_, std::move(exchange));
}

void Service::serve_broadcast(net::HttpExchange exchange) {
  if (!serve_report(exchange)) enter(broadcast_, std::move(exchange));
}

void Service::serve_socket_io(net::HttpExchange exchange) { serve(std::move(exchange)); }

bool Service::serve_dialect(net::HttpExchange& exchange) {
  net::HttpRequest& request = exchange.request();
  if (is_at(request, "/chat")) {
    enter(chat_, std::move(exchange));
  } else if (is_at(request, "/broadcast")) {
    enter(broadcast_, std::move(exchange));
  } else if (is_at(request, "/rooms")) {
    enter(rooms_, std::move(exchange));
  } else if (is_at(request, "/socket.io")) {
    engine_door_.serve(std::move(exchange));
  } else if (request.resource().starts_with("/whip/") || request.resource().starts_with("/whep/")) {
    relay_.serve(std::move(exchange));
  } else if (is_at(request, "/socket.io/socket.io.js")) {
    request.target = "/socket.io.js";
    return false;  // a file
  } else {
    return false;
  }
  return true;
}

bool Service::serve_report(net::HttpExchange& exchange) {
  const net::HttpRequest& request = exchange.request();
  if (is_at(request, "/healthz")) {
    exchange.respond(
        net::HttpResponse::text(leaving_ ? 503 : 200, leaving_ ? "leaving\n" : "ok\n"));
  } else if (is_at(request, "/metrics")) {
    exchange.respond({200, {{"Content-Type", "text/plain; version=0.0.4"}}, metrics()});
  } else if (is_at(request, "/ice-servers")) {
    if (const auto checked = gate_.check(request); !checked) {
      exchange.respond(checked.error());
      return true;
    }
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(loop_.wall_clock().unix_time(loop_.now()))
            .count();
    const auto servers = ice_servers(options_, now, loop_.context().random.text(8));
    exchange.respond({200,
                      {{"Content-Type", "application/json"},
                       {"Cache-Control", "no-store"},
                       {"Access-Control-Allow-Origin", "*"}},
                      ice_servers_json(servers, options_.turn_ttl)});
  } else {
    return false;
  }
  return true;
}

// The text that is posted, as a picture: the page of the bundle shows it.
net::HttpResponse Service::qr(const net::HttpRequest& request) {
  if (request.method != "POST") {
    auto response = net::HttpResponse::text(405, "POST the text here that is to be a QR code.\n");
    response.headers.add("Allow", "POST");
    return response;
  }
  if (const auto checked = gate_.check(request); !checked) return checked.error();
  if (!qr_codes_.take(loop_.now())) {
    return net::HttpResponse::text(429, "Too many QR codes at once. Try again in a second.\n");
  }
  const auto picture = qr_svg(request.body);
  if (!picture) {
    const int status = picture.error() == QrError::empty         ? 400
                       : picture.error() == QrError::unsupported ? 501
                                                                 : 413;
    return net::HttpResponse::text(status, std::string{to_string(picture.error())} + "\n");
  }
  return {200, {{"Content-Type", "image/svg+xml"}, {"Cache-Control", "no-store"}}, *picture};
}

std::string Service::metrics() const {
  Metrics out;
  const auto each = [&](auto value) {
    out.add("chat", value(chat_));
    out.add("broadcast", value(broadcast_));
    out.add("rooms", value(rooms_));
    out.add("socketio", value(socket_io_));
  };
  out.describe("lucid_clients", "gauge", "Clients connected.");
  each([](const auto& hub) { return hub.server().roster().client_count(); });
  out.describe("lucid_members", "gauge", "Users or members of rooms, at all servers of the bus.");
  each([](const auto& hub) { return hub.server().roster().member_count(); });
  out.describe("lucid_rooms", "gauge", "Rooms that somebody is in.");
  each([](const auto& hub) { return hub.server().roster().group_count(); });
  out.describe("lucid_messages_total", "counter", "Messages of clients within their limits.");
  each([](const auto& hub) { return hub.server().stats().messages; });
  out.describe("lucid_malformed_total", "counter", "Messages that were no JSON of the dialect.");
  each([](const auto& hub) { return hub.server().stats().malformed; });
  out.describe("lucid_no_such_target_total", "counter", "Messages to nobody.");
  each([](const auto& hub) { return hub.server().stats().no_such_target; });
  out.describe("lucid_dismissed_total", "counter", "Clients sent away for going beyond a limit.");
  each([](const auto& hub) { return hub.server().stats().dismissed; });
  out.describe("lucid_bus_messages_total", "counter", "Messages heard on the bus.");
  each([](const auto& hub) { return hub.server().stats().bus_in; });
  out.describe("lucid_servers", "gauge", "Servers on the bus, this one included.");
  each([](const auto& hub) { return hub.server().roster().servers(); });
  out.describe("lucid_bus_up", "gauge", "Whether the bus is there; 0 without --bus.");
  out.add({}, bus_ && bus_->up() ? 1 : 0);
  out.describe("lucid_turned_away_total", "counter", "By origin, token or address.");
  out.add({}, gate_.turned_away());
  out.describe("lucid_robot_calls", "gauge", "Calls that the robot is in.");
  out.add({}, robots_ ? robots_->calls() : 0);
  out.describe("lucid_publishers", "gauge", "Of rooms by WHIP.");
  out.add({}, relay_.publishers());
  out.describe("lucid_viewers", "gauge", "Of rooms by WHEP.");
  out.add({}, relay_.viewers());
  out.describe("lucid_forwarded_packets_total", "counter", "From publishers, before they fan out.");
  out.add({}, relay_.packets());
  out.describe("lucid_uptime_seconds", "gauge", "Since the server began.");
  out.add({}, static_cast<std::uint64_t>((loop_.now() - began_) / std::chrono::seconds{1}));
  return out.take();
}

void Service::farewell() {
  leaving_ = true;
  robots_.reset();
  chat_.farewell();
  broadcast_.farewell();
  rooms_.farewell();
  socket_io_.farewell();
  relay_.farewell();
}

std::size_t Service::clients() const {
  return chat_.clients() + broadcast_.clients() + rooms_.clients() + socket_io_.clients();
}

}  // namespace lucid::app
