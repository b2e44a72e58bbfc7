#include "app/redis_bus.hpp"

#ifdef LUCID_HIREDIS
#include <hiredis/hiredis.h>

#include <cstdlib>

#include "core/handle.hpp"
#endif
#include "net/http.hpp"

namespace lucid::app {

#ifdef LUCID_HIREDIS

namespace {

using namespace std::chrono_literals;

constexpr core::Duration ping_every = 2s;
constexpr core::Duration silence = 6s;  // then the connection is given up
constexpr core::Duration first_retry = 250ms, longest_retry = 2s;
constexpr std::size_t most_queued = std::size_t{16} << 20;
constexpr std::uint16_t default_port = 6379;

struct Target {
  std::string host;
  std::uint16_t port = default_port;
  std::string user, password;
};

using Reply = core::Handle<void, freeReplyObject>;

// A connection that speaks RESP. Commands go out as they come; replies are told one by one.
class RespLine {
 public:
  struct Handlers {
    std::move_only_function<void()> opened;
    std::move_only_function<void(const redisReply&)> reply;
    std::move_only_function<void(std::string_view why)> closed;
  };

  RespLine(net::Loop& loop, const Target& target, Handlers handlers)
      : handlers_{std::move(handlers)},
        reader_{redisReaderCreate()},
        stream_{loop,
                target.host,
                target.port,
                {[this] { handlers_.opened(); }, [this](core::Bytes bytes) { received(bytes); },
                 [this](net::ConnectError error) { handlers_.closed(to_string(error)); }}} {}

  void command(const std::vector<std::string_view>& words) {
    std::vector<const char*> at;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
      at.push_back(word.data());
      sizes.push_back(word.size());
    }
    char* text = nullptr;
    const int size =
        redisFormatCommandArgv(&text, static_cast<int>(words.size()), at.data(), sizes.data());
    if (size < 0) return;
    stream_.send({reinterpret_cast<const std::uint8_t*>(text), static_cast<std::size_t>(size)});
    redisFreeCommand(text);
  }
  std::size_t queued() const { return stream_.queued(); }

 private:
  void received(core::Bytes bytes) {
    redisReaderFeed(reader_.get(), reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (true) {
      void* raw = nullptr;
      if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK)
        return handlers_.closed("what it says is not Redis");
      if (raw == nullptr) return;
      const Reply reply{raw};
      handlers_.reply(*static_cast<const redisReply*>(raw));
    }
  }

  Handlers handlers_;
  core::Handle<redisReader, redisReaderFree> reader_;
  net::ByteStream stream_;
};

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view{} : std::string_view{reply.str, reply.len};
}

std::optional<Target> target_of(std::string_view url) {
  constexpr std::string_view scheme = "redis://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  Target target;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const std::size_t colon = user.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    target.user = net::percent_decode(user.substr(0, colon));
    target.password = net::percent_decode(user.substr(colon + 1));
    url.remove_prefix(at + 1);
  }
  // As in other URLs from here on.
  const auto rest = net::Url::parse("http://" + std::string{url});
  if (!rest || rest->host.empty()) return std::nullopt;
  target.host = rest->host;
  const bool has_port = url.substr(0, url.find('/')).ends_with(":" + std::to_string(rest->port));
  if (has_port) target.port = rest->port;
  return target;
}

}  // namespace

// Who is subscribed can say nothing else, so there are two connections.
struct RedisBus::State {
  State(net::Loop& on, Target to, std::vector<std::string> which, Handlers what)
      : loop{on},
        target{std::move(to)},
        channels{std::move(which)},
        handlers{std::move(what)},
        timer{on, [this] { alarm(); }} {
    connect();
  }

  void connect() {
    subscribed = 0;
    answered = false;
    heard = loop.now();
    hear = std::make_unique<RespLine>(
        loop, target,
        RespLine::Handlers{[this] {
                             log_in(*hear);
                             std::vector<std::string_view> words{"SUBSCRIBE"};
                             words.insert(words.end(), channels.begin(), channels.end());
                             hear->command(words);
                           },
                           [this](const redisReply& reply) { said(reply); },
                           [this](std::string_view why) { lost(why); }});
    speak =
        std::make_unique<RespLine>(loop, target,
                                   RespLine::Handlers{[this] {
                                                        log_in(*speak);
                                                        speak->command({"PING"});
                                                      },
                                                      [this](const redisReply& reply) {
                                                        if (reply.type == REDIS_REPLY_ERROR)
                                                          return lost(text_of(reply));
                                                        answered = true;
                                                        look_whether_up();
                                                      },
                                                      [this](std::string_view why) { lost(why); }});
    timer.set(loop.now() + ping_every);
  }
  void log_in(RespLine& line) const {
    if (target.password.empty()) return;
    if (target.user.empty()) {
      line.command({"AUTH", target.password});
    } else {
      line.command({"AUTH", target.user, target.password});
    }
  }

  void said(const redisReply& reply) {
    heard = loop.now();
    if (reply.type == REDIS_REPLY_ERROR) return lost(text_of(reply));
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements < 3) return;
    const std::string_view kind = text_of(*reply.element[0]);
    const std::string_view channel = text_of(*reply.element[1]);
    if (kind == "subscribe") {
      ++subscribed;
      look_whether_up();
    } else if (kind == "message" && up) {
      handlers.said(channel, std::string{text_of(*reply.element[2])});
    }
  }
  void look_whether_up() {
    if (up || !answered || subscribed < channels.size()) return;
    up = true;
    wait = first_retry;
    handlers.up();
  }

  // The lines are let go of later: one of them has called.
  void lost(std::string_view why) {
    if (!hear) return;
    const bool was_up = std::exchange(up, false);
    const std::string reason{why};
    loop.post([old = std::pair{std::move(hear), std::move(speak)}] {});
    timer.set(loop.now() + wait);
    wait = std::min(wait * 2, longest_retry);
    if (was_up || !told) handlers.down(reason);
    told = true;
  }
  void alarm() {
    if (!hear) return connect();
    if (loop.now() - heard >= silence) return lost("it is silent");
    if (up) {
      hear->command({"PING"});
      speak->command({"PING"});
    }
    timer.set(loop.now() + ping_every);
  }

  net::Loop& loop;
  Target target;
  std::vector<std::string> channels;
  Handlers handlers;
  std::unique_ptr<RespLine> hear, speak;
  std::size_t subscribed = 0;
  bool answered = false;
  bool up = false;
  bool told = false;  // that it is down
  core::Time heard;
  core::Duration wait = first_retry;
  net::Timer timer;
};

std::expected<std::unique_ptr<RedisBus>, std::string> RedisBus::open(
    net::Loop& loop, std::string_view url, std::vector<std::string> channels, Handlers handlers) {
  auto target = target_of(url);
  if (!target) {
    return std::unexpected(
        "'" + std::string{url} +
        "' is no Redis; it looks like redis://HOST or redis://:PASSWORD@HOST:PORT");
  }
  return std::unique_ptr<RedisBus>{new RedisBus{
      std::make_unique<State>(loop, *std::move(target), std::move(channels), std::move(handlers))}};
}

void RedisBus::publish(std::string_view channel, std::string_view text) {
  if (!state_->up) return;
  if (state_->speak->queued() > most_queued) return state_->lost("it does not keep up");
  state_->speak->command({"PUBLISH", channel, text});
}

bool RedisBus::up() const { return state_->up; }

#else

struct RedisBus::State {};

std::expected<std::unique_ptr<RedisBus>, std::string> RedisBus::open(net::Loop&, std::string_view,
                                                                     std::vector<std::string>,
                                                                     Handlers) {
  return std::unexpected(
      "this lucid was built without Redis: install libhiredis-dev and build it again");
}
void RedisBus::publish(std::string_view, std::string_view) {}
bool RedisBus::up() const { return false; }

#endif

RedisBus::RedisBus(std::unique_ptr<State> state) : state_{std::move(state)} {}
RedisBus::~RedisBus() = default;

}  // namespace lucid::app
