#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "sctp/association.hpp"
#include "sctp/detail/usrsctp_stack.hpp"

struct socket;  // usrsctp's

namespace lucid::sctp::detail {

// What the engine has to say, one at a time.
struct Piece {  // part of a message, `bytes` borrowed until the next receive()
  StreamId stream;
  PayloadProtocol protocol;
  core::Bytes bytes;
  bool last;
};
struct PieceLost {  // the rest of the message whose pieces came last will not come (RFC 3758)
  StreamId stream;
};
struct Up {
  std::uint16_t outgoing_streams;
  std::uint16_t incoming_streams;
};
struct Down {  // ABORT, either way, or no answer
  std::uint16_t cause;
};
struct ShutDown {};
struct StreamsReset {
  enum class Side : std::uint8_t { incoming, outgoing };
  Side side;
  bool done;
  std::vector<StreamId> streams;  // empty: all
};
struct StreamCount {
  bool refused;
};
struct Abandoned {  // once for each piece of the message that had left, or for all of it
  StreamId stream;
  std::uint32_t number;  // of the message, as send() was told
};
using Arrival =
    std::variant<Piece, PieceLost, Up, Down, ShutDown, StreamsReset, StreamCount, Abandoned>;

// One usrsctp socket in plain types. Every call must stand inside a Drive.
class Engine {
 public:
  struct Config {
    std::uint16_t local_port;
    std::uint16_t remote_port;
    std::uint16_t streams;
    std::uint16_t max_streams;
    Interleaving interleaving;
    std::size_t mtu;
  };
  struct Status {
    std::uint16_t outgoing_streams = 0;
    std::uint16_t incoming_streams = 0;
    bool idle = true;  // nothing to be sent or acknowledged
    Association::Path path{};
  };

  static std::expected<Engine, SetupError> open(const Config& config, Seat& seat,
                                                core::Random& random);
  Engine(Engine&& other) noexcept;
  Engine& operator=(Engine&&) = delete;
  ~Engine();  // at once, and the peer is not told

  void packet_in(core::Bytes packet);
  std::optional<Arrival> receive();
  // How many bytes of this piece were taken. `last`: the message ends with them.
  std::size_t send(const Association::Sending& how, core::Bytes piece, std::uint32_t number,
                   bool last);
  enum class ResetAnswer : std::uint8_t { started, busy, refused };
  ResetAnswer reset(const std::vector<StreamId>& streams);
  bool add_streams(std::uint16_t outgoing, std::uint16_t incoming);
  void acknowledge_every(std::uint32_t packets);
  void shut_down();
  void abort();  // at once, with ABORT; nothing may be called after it
  Status status() const;

 private:
  Engine(struct socket* handle, EngineId id) : handle_{handle}, id_{id} {}
  bool configure(const Config& config);

  struct socket* handle_;
  EngineId id_;
};

}  // namespace lucid::sctp::detail
