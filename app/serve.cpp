#include "app/serve.hpp"

#include <csignal>
#include <cstdio>
#include <map>

#include "app/robot.hpp"
#include "app/web/pages.hpp"
#include "net/http_server.hpp"
#include "net/interfaces.hpp"
#include "net/static_files.hpp"
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"

namespace lucid::app {

namespace {

struct ServeOptions {
  std::uint16_t port = 8080;
  std::string host = "0.0.0.0";
  bool robot = false;
  std::string video = "test";
  std::string audio = "tone";
};

net::Loop* interrupted_loop = nullptr;
void interrupt(int) { interrupted_loop->stop(); }

// One dialect's server and the WebSockets of its clients.
template <class Server>
class Hub {
 public:
  Hub(Server server, net::Loop& loop) : server_{std::move(server)}, loop_{loop} {}

  void accept(net::HttpExchange exchange) {
    const bool json = exchange.request().headers.lists("sec-websocket-protocol", "json");
    const auto client = signaling::ClientId{next_++};
    net::WebSocket& socket = sockets_[client] = exchange.accept(json ? "json" : "");
    socket.on({[this, client](std::string_view text, net::MessageKind) {
                 take(signaling::Said{client, std::string{text}});
               },
               [this, client](net::CloseCode, std::string_view) {
                 take(signaling::Left{client});
                 loop_.post([this, client] { sockets_.erase(client); });
               }});
    take(signaling::Joined{client});
  }

  // A client in this process: `hear` gets what the server says to it.
  signaling::ClientId add_local(std::move_only_function<void(std::string_view)> hear) {
    const auto client = signaling::ClientId{next_++};
    local_.emplace(client, std::move(hear));
    take(signaling::Joined{client});
    return client;
  }

  void take(signaling::Incoming incoming) {
    server_.handle_datagram(std::move(incoming), loop_.now());
    while (auto out = server_.poll_transmit()) carry(*out);
  }
  std::size_t clients() const { return sockets_.size(); }

 private:
  void carry(const signaling::Outgoing& out) {
    if (const auto* words = std::get_if<signaling::Say>(&out)) {
      if (const auto found = sockets_.find(words->client); found != sockets_.end()) {
        found->second.send(words->text);
      } else if (local_.contains(words->client)) {
        // Said later: it may answer, and must not do so in the middle of this.
        loop_.post([this, client = words->client, text = words->text] { local_.at(client)(text); });
      }
    } else if (const auto& dismissed = std::get<signaling::Dismiss>(out);
               sockets_.contains(dismissed.client)) {
      sockets_.at(dismissed.client).close(net::CloseCode::policy, dismissed.reason);
    }
  }

  Server server_;
  net::Loop& loop_;
  std::uint64_t next_ = 1;
  std::map<signaling::ClientId, net::WebSocket> sockets_;
  std::map<signaling::ClientId, std::move_only_function<void(std::string_view)>> local_;
};

void print_addresses(std::uint16_t port) {
  std::printf("Lucid is listening. Open one of these in a browser:\n  http://localhost:%u/\n",
              port);
  for (const core::Interface& interface : net::interfaces()) {
    if (interface.ip.family() != core::Family::v4 || interface.ip.is_loopback()) continue;
    std::printf("  http://%s:%u/   (%s; cameras need https there)\n", interface.ip.text().c_str(),
                port, interface.name.c_str());
  }
  std::printf("Ctrl-C ends it.\n");
  std::fflush(stdout);
}

int serve(const ServeOptions& options) {
  const auto ip = core::Ip::parse(options.host);
  if (!ip) {
    std::fprintf(stderr, "lucid: '%s' is no address to listen on; try 0.0.0.0 or 127.0.0.1\n",
                 options.host.c_str());
    return 2;
  }
  net::Loop loop;
  const net::StaticFiles pages = web_pages();
  Hub chat{signaling::ChatServer{{}, loop.wall_clock(), loop.context()}, loop};
  Hub broadcast{signaling::BroadcastServer{{}, loop.context()}, loop};
  auto server =
      net::HttpServer::listen(loop, {.listen = {*ip, options.port}, .tls = {}, .limits = {}},
                              [&](net::HttpExchange exchange) {
                                const net::HttpRequest& request = exchange.request();
                                if (request.wants_websocket()) {
                                  if (request.resource() == "/chat")
                                    return chat.accept(std::move(exchange));
                                  if (request.resource() == "/broadcast")
                                    return broadcast.accept(std::move(exchange));
                                }
                                if (request.resource() == "/healthz")
                                  return exchange.respond(net::HttpResponse::text(200, "ok\n"));
                                if (auto page = pages.answer(request))
                                  return exchange.respond(std::move(*page));
                                exchange.respond(net::HttpResponse::text(
                                    404, "There is nothing here. The call page is at /.\n"));
                              });
  if (!server) {
    std::fprintf(stderr, "lucid: port %u cannot be listened on: %s; --port takes another\n",
                 options.port, std::string{to_string(server.error())}.c_str());
    return 1;
  }
  std::unique_ptr<Robot> robot;
  if (options.robot) {
    signaling::ClientId id{};
    id = chat.add_local([&](std::string_view text) {
      if (robot) robot->hear(text);
    });
    robot = std::make_unique<Robot>(
        loop, SessionConfig{.video = options.video, .audio = options.audio},
        [&chat, id](std::string text) { chat.take(signaling::Said{id, std::move(text)}); });
  }
  print_addresses((*server)->local().port);
  interrupted_loop = &loop;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  loop.run();
  std::printf("Goodbye.\n");
  return 0;
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve", "The call server with its page; dialects at /chat and /broadcast");
  command->add_option("--port", options->port, "The port to listen on")->capture_default_str();
  command->add_option("--host", options->host, "The address to listen on")->capture_default_str();
  command->add_flag("--robot", options->robot, "A user called \"lucid\" who answers every call");
  command
      ->add_option("--video", options->video,
                   "What the robot shows: test, file:PATH, camera, screen, lavfi:GRAPH")
      ->capture_default_str();
  command
      ->add_option("--audio", options->audio,
                   "What it lets hear: tone, file:PATH, mic, lavfi:GRAPH")
      ->capture_default_str();
  command->footer("Example: lucid serve --robot --port 8080");
  command->callback([options, &status] { status = serve(*options); });
}

}  // namespace lucid::app
