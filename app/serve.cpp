#include "app/serve.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/addresses.hpp"
#include "app/interrupt.hpp"
#include "app/service.hpp"
#include "app/watch.hpp"

namespace lucid::app {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration drain_time = 3s;  // for clients to hear the goodbye

// Each client is a descriptor; the usual thousand is less than the system would give.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What is asked of TLS; nothing when it is not asked for.
std::expected<std::optional<net::TlsContext>, std::string> tls_of(const ServeOptions& options) {
  if (options.certificate.empty() != options.key.empty())
    return std::unexpected("--cert and --key go together");
  if (!options.tls && options.certificate.empty()) return std::nullopt;
  net::Certificate certificate;
  if (options.certificate.empty()) {
    certificate = net::self_signed_certificate(own_names());
  } else {
    const auto chain = read_file(options.certificate), key = read_file(options.key);
    if (!chain) return std::unexpected("--cert: " + options.certificate + " cannot be read");
    if (!key) return std::unexpected("--key: " + options.key + " cannot be read");
    certificate = {*chain, *key};
  }
  auto context = net::TlsContext::server(certificate);
  if (!context) {
    return std::unexpected("--cert, --key: " + std::string{to_string(context.error())} +
                           "; both are to be PEM files");
  }
  return std::optional{*std::move(context)};
}

// The listeners of a service: the common port and those of single dialects.
class Listeners {
 public:
  Listeners(net::Loop& loop, core::Ip ip, std::optional<net::TlsContext> tls,
            const ServeOptions& options)
      : loop_{loop}, ip_{ip}, tls_{std::move(tls)} {
    limits_.websocket.message = options.limits.message;
    limits_.websocket.queue = std::size_t{1} << 20;
    limits_.body = options.limits.message + 1024;
    limits_.connections_per_address = options.gate.per_address;
  }

  // False: it has said why.
  bool add(std::uint16_t port, const char* option, net::HttpServer::Handler handler) {
    auto server = net::HttpServer::listen(
        loop_, {.listen = {ip_, port}, .tls = tls_, .limits = limits_}, std::move(handler));
    if (!server) {
      std::fprintf(stderr, "lucid: port %u cannot be listened on: %s; %s takes another\n", port,
                   std::string{to_string(server.error())}.c_str(), option);
      return false;
    }
    servers_.push_back(*std::move(server));
    return true;
  }
  std::uint16_t port(std::size_t index) const { return servers_[index]->local().port; }
  void close() { servers_.clear(); }

 private:
  net::Loop& loop_;
  core::Ip ip_;
  std::optional<net::TlsContext> tls_;
  net::HttpLimits limits_;
  std::vector<std::unique_ptr<net::HttpServer>> servers_;
};

bool listen(Listeners& listeners, Service& service, const ServeOptions& options) {
  const auto own_port = [&](std::optional<std::uint16_t> port, const char* option, auto serve) {
    return !port || listeners.add(*port, option, [&service, serve](net::HttpExchange exchange) {
      (service.*serve)(std::move(exchange));
    });
  };
  return own_port(options.port, "--port", &Service::serve) &&
         own_port(options.chat_port, "--chat", &Service::serve_chat) &&
         own_port(options.broadcast_port, "--broadcast", &Service::serve_broadcast) &&
         own_port(options.socket_io_port, "--socketio", &Service::serve_socket_io);
}

void print_own_ports(const Listeners& listeners, const ServeOptions& options, bool secure) {
  std::size_t next = 1;  // behind the common one
  const auto print = [&](std::optional<std::uint16_t> port, const char* scheme, const char* what) {
    if (!port) return;
    std::printf("%s%s://localhost:%u/ has %s alone\n", scheme, secure ? "s" : "",
                listeners.port(next++), what);
  };
  print(options.chat_port, "ws", "chat");
  print(options.broadcast_port, "ws", "broadcast");
  print(options.socket_io_port, "http", "socket.io");
}

int serve(const ServeOptions& options) {
  const auto ip = core::Ip::parse(options.host);
  if (!ip) {
    std::fprintf(stderr, "lucid: '%s' is no address to listen on; try 0.0.0.0 or 127.0.0.1\n",
                 options.host.c_str());
    return 2;
  }
  auto tls = tls_of(options);
  if (!tls) {
    std::fprintf(stderr, "lucid: %s\n", tls.error().c_str());
    return 2;
  }
  raise_descriptor_limit();
  net::Loop loop;
  const auto sink = glass::open_sinks(options.watching, loop.wall_clock());
  if (!sink) return glass::complain("lucid: " + sink.error());
  Service service{loop, options, sink->get()};
  const bool secure = tls->has_value();
  Listeners listeners{loop, *ip, *std::move(tls), options};
  if (!listen(listeners, service, options)) return 1;
  if (!service.join_bus()) return 2;
  print_addresses(*ip, listeners.port(0), secure);
  print_own_ports(listeners, options, secure);
  std::printf("Ctrl-C ends it.\n");
  std::fflush(stdout);
  run_until_interrupted(loop);
  service.farewell();
  (void)loop.run_until([&] { return service.clients() == 0; }, drain_time);
  listeners.close();
  std::printf("Goodbye.\n");
  return 0;
}

void add_limits(CLI::App& command, ServeOptions& options) {
  command.add_option("--allow-origin", options.gate.origins,
                     "Origins whose pages may connect, such as https://example.org; without it "
                     "all may");
  command.add_option("--token", options.gate.token,
                     "Clients must show this: ?token=… or \"Authorization: Bearer …\"");
  command
      .add_option("--clients-per-address", options.gate.per_address,
                  "Connections of one address at most")
      ->capture_default_str();
  command.add_option("--clients", options.limits.clients, "Clients of each dialect at most")
      ->capture_default_str();
  command.add_option("--max-message", options.limits.message, "Bytes of a message at most")
      ->capture_default_str();
  command
      .add_option("--rate", options.limits.messages_a_second,
                  "Messages a second of one client, on average")
      ->capture_default_str();
  command.add_option("--room-size", options.limits.room, "How many fit into a room, 2 to 6")
      ->check(CLI::Range(2, 6))
      ->capture_default_str();
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve",
      "The call server with its pages; dialects at /chat, /broadcast, /rooms, /socket.io/");
  command->add_option("--port", options->port, "The port to listen on")->capture_default_str();
  command->add_option("--host", options->host, "The address to listen on")->capture_default_str();
  command->add_option("--chat", options->chat_port, "A port for the chat dialect alone (6503)");
  command->add_option("--broadcast", options->broadcast_port,
                      "A port for the broadcast dialect alone (1337)");
  command->add_option("--socketio", options->socket_io_port,
                      "Another port for socket.io pages (2022)");
  command->add_flag("--tls", options->tls,
                    "HTTPS and WSS; the certificate is made at the start, for this machine");
  command->add_option("--cert", options->certificate, "HTTPS with this certificate (PEM)");
  command->add_option("--key", options->key, "and this key (PEM)");
  command->add_flag("--robot", options->robot, "A user called \"lucid\" who answers every call");
  command
      ->add_option("--video", options->video,
                   "What the robot shows: test, file:PATH, camera, screen, lavfi:GRAPH")
      ->capture_default_str();
  command
      ->add_option("--audio", options->audio,
                   "What it lets hear: tone, file:PATH, mic, lavfi:GRAPH")
      ->capture_default_str();
  command->add_option("--bus", options->bus, "redis://HOST: all servers on it are one service");
  command->add_option("--turn", options->turn_urls,
                      "A TURN or STUN server for clients, such as turn:example.org:3478");
  command->add_option("--turn-secret", options->turn_secret,
                      "What it shares with us (coturn: static-auth-secret)");
  add_limits(*command, *options);
  add_watching(*command, options->watching);
  command->footer(
      "Examples:\n  lucid serve --robot --port 8080\n  lucid serve --tls --port 8443\n"
      "  lucid serve --chat 6503 --broadcast 1337 --socketio 2022\n"
      "Exit status: 0 when it was ended, 1 when a port is taken, 2 when an option makes no sense.");
  command->callback([options, &status] { status = serve(*options); });
}

}  // namespace lucid::app
