// The rules of core/machine.hpp, for every machine of this folder.
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/engine_io.hpp"
#include "signaling/rooms.hpp"
#include "signaling/socket_io.hpp"
#include "signaling/whip.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::signaling {
namespace {

const core::WallClock wall{core::WallClock::Microseconds{1'700'000'000'000'000}};

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

// An input is a letter and a text: two clients, 'a' and 'b', say it; the bus says it; a client
// comes, goes, or the bus does.
std::string text_after(const std::vector<std::uint8_t>& bytes, std::size_t skip) {
  return bytes.size() < skip ? ""
                             : std::string{bytes.begin() + static_cast<long>(skip), bytes.end()};
}
Incoming incoming(const std::vector<std::uint8_t>& bytes) {
  const ClientId client{bytes.empty() || bytes[0] % 2 == 1 ? 1U : 2U};
  switch (bytes.empty() ? 0 : bytes[0]) {
    case '+':
      return Joined{ClientId{3}};
    case '-':
      return Left{ClientId{3}};
    case '^':
      return BusUp{};
    case 'v':
      return BusDown{};
    case '#':
      return BusSaid{text_after(bytes, 1)};
    default:
      return Said{client, text_after(bytes, 1)};
  }
}

std::string text_of(const Outgoing& out) {
  return std::to_string(out.index()) +
         std::visit(
             [](const auto& it) {
               std::string text;
               if constexpr (requires { it.client; })
                 text += std::to_string(static_cast<std::uint64_t>(it.client)) + " ";
               if constexpr (requires { it.clients; }) {
                 for (const ClientId one : it.clients)
                   text += std::to_string(static_cast<std::uint64_t>(one)) + " ";
               }
               if constexpr (requires { it.text; }) text += it.text;
               if constexpr (requires { it.reason; }) text += it.reason;
               return text;
             },
             out);
}

// What the servers of the dialects and their roster have in common.
template <class M>
struct ServerContract {
  using Machine = M;
  static M make(core::Context context) {
    if constexpr (std::same_as<M, Roster>) {
      return M{{.limits = {}, .group = 2, .unique_names = true}, wall, context};
    } else {
      return M{Limits{}, wall, context};
    }
  }
  static void start(M& machine, core::Time now) {
    for (const std::uint64_t client : {1, 2}) {
      machine.handle_datagram(Joined{ClientId{client}}, now);
    }
  }
  static Incoming datagram(const std::vector<std::uint8_t>& bytes, core::Pool&) {
    return incoming(bytes);
  }
  static std::string text(const Outgoing& out) { return text_of(out); }
  static std::vector<std::vector<std::uint8_t>> with_bus(std::vector<std::string> inputs) {
    // As another server on the bus says them.
    for (
        const char* text :
        {"+", "-", "^", "v", R"(#{"n":"other","t":"alive","d":"1"})",
         R"(#{"n":"other","t":"enter","m":{"i":"other-1","w":"eve","g":"chat","s":1700000000000}})",
         R"(#{"n":"other","t":"members","l":[{"i":"other-2","w":"ann","g":"blue","s":1}]})",
         R"(#{"n":"other","t":"told","g":"chat","x":"{}"})",
         R"(#{"n":"other","t":"leave","i":"other-1"})", R"(#{"n":"other","t":"bye"})"}) {
      inputs.emplace_back(text);
    }
    std::vector<std::vector<std::uint8_t>> all;
    for (const std::string& text : inputs) all.push_back(bytes(text));
    return all;
  }
};

struct RosterContract : ServerContract<Roster> {
  static std::vector<std::vector<std::uint8_t>> inputs() { return with_bus({"ahello", "bhello"}); }
};
struct ChatContract : ServerContract<ChatServer> {
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return with_bus({R"(a{"type":"username","name":"ann"})", R"(b{"type":"username","name":"ann"})",
                     R"(a{"type":"message","text":"<b>hello</b>"})",
                     R"(b{"type":"video-offer","target":"ann","sdp":"v=0"})"});
  }
};
struct BroadcastContract : ServerContract<BroadcastServer> {
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return with_bus({R"(a{"message_type":"SDP","content":null})", R"(b{"call":"request"})"});
  }
};
struct RoomsContract : ServerContract<RoomsServer> {
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return with_bus({R"(a{"type":"join","room":"blue","name":"ann"})",
                     R"(b{"type":"join","room":"blue"})",
                     R"(a{"type":"offer","to":"nobody","sdp":"v=0"})", R"(b{"type":"leave"})"});
  }
};
struct SocketIoContract : ServerContract<SocketIoServer> {
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return with_bus({"a0", "b0", R"(a21["create or join","blue"])",
                     R"(b2["create or join","blue"])",
                     R"(a2["message",{"type":"offer","sdp":"v=0"}])", R"(b2["bye"])", "b1"});
  }
};

struct EngineIoContract {
  using Machine = EngineIo;
  static EngineIo make(core::Context context) { return EngineIo{{}, context}; }
  static void start(EngineIo& machine, core::Time now) {
    machine.handle_datagram(EngineIo::Opened{EngineIo::SocketId{1}, "4", {}, "192.0.2.1"}, now);
    machine.handle_datagram(EngineIo::Opened{EngineIo::SocketId{2}, "3", {}, "192.0.2.2"}, now);
    while (auto event = machine.poll_event()) {
      if (const auto* it = std::get_if<EngineIo::SessionOpened>(&*event))
        machine.send(it->id, "hello", now);
    }
  }
  // A letter for what happens, then a text.
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return {bytes("s4hello"),
            bytes("s2"),
            bytes("s3"),
            bytes("t2probe"),
            bytes("t1"),
            bytes("bytes"),
            bytes("g"),
            bytes("p4one\x1e"
                  "2"),
            bytes("u"),
            bytes("c")};
  }
  static EngineIo::Datagram datagram(const std::vector<std::uint8_t>& bytes, core::Pool&) {
    const std::string text = text_after(bytes, 1);
    const EngineIo::RequestId request{bytes.size()};
    switch (bytes.empty() ? 0 : bytes[0]) {
      case 'g':
        return EngineIo::Asked{.id = request,
                               .method = "GET",
                               .revision = "4",
                               .transport = "polling",
                               .sid = text,
                               .from = "192.0.2.3"};
      case 'p':
        return EngineIo::Asked{.id = request,
                               .method = "POST",
                               .body = text,
                               .revision = "4",
                               .transport = "polling",
                               .sid = "unknown",
                               .from = "192.0.2.3"};
      case 'u':
        return EngineIo::GaveUp{EngineIo::RequestId{1}};
      case 'c':
        return EngineIo::Closed{EngineIo::SocketId{2}};
      case 't':
        return EngineIo::Heard{EngineIo::SocketId{2}, text, false};
      default:
        return EngineIo::Heard{EngineIo::SocketId{1}, text, !bytes.empty() && bytes[0] == 'b'};
    }
  }
  static std::string text(const EngineIo::Transmit& out) {
    return std::to_string(out.index()) +
           std::visit(
               [](const auto& it) {
                 std::string text = std::to_string(static_cast<std::uint64_t>(it.id)) + " ";
                 if constexpr (requires { it.status; }) text += std::to_string(it.status) + it.body;
                 if constexpr (requires { it.data; }) text += it.data;
                 if constexpr (requires { it.reason; }) text += it.reason;
                 return text;
               },
               out);
  }
};

struct WhipContract {
  using Machine = WhipServer;
  static WhipServer make(core::Context context) { return WhipServer{{}, context}; }
  static void start(WhipServer& machine, core::Time now) {
    machine.handle_datagram(datagram(inputs().front()), now);
    while (auto event = machine.poll_event()) {
      if (const auto* it = std::get_if<WhipServer::Offered>(&*event))
        machine.answered(it->id, "v=0 answer", {});
    }
  }
  // Method, path and body, each on a line.
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return {bytes("POST\n/whip/blue\nv=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n"),
            bytes("POST\n/whep/blue\nv=0\r\na=ice-ufrag:efgh\r\na=ice-pwd:secret\r\n"),
            bytes("PATCH\n/whip/blue/unknown\na=ice-ufrag:abcd\r\n"),
            bytes("DELETE\n/whip/blue/unknown\n"),
            bytes("OPTIONS\n/whip/blue\n"),
            bytes("GET\n/whep/blue\n")};
  }
  static WhipServer::Asked datagram(const std::vector<std::uint8_t>& bytes) {
    std::string rest = text_after(bytes, 0);
    const auto line = [&] {
      const std::string one = rest.substr(0, rest.find('\n'));
      rest.erase(0, one.size() + 1);
      return one;
    };
    WhipServer::Asked asked{.id = WhipServer::RequestId{1}, .method = line(), .path = line()};
    asked.content_type =
        asked.method == "PATCH" ? "application/trickle-ice-sdpfrag" : "application/sdp";
    asked.body = rest;
    return asked;
  }
  static WhipServer::Asked datagram(const std::vector<std::uint8_t>& bytes, core::Pool&) {
    return datagram(bytes);
  }
  static std::string text(const WhipServer::Answer& answer) {
    std::string text = std::to_string(answer.status);
    for (const auto& [name, value] : answer.headers) text += " " + name + ": " + value;
    return text + " " + answer.body;
  }
};

}  // namespace
}  // namespace lucid::signaling

namespace lucid::core {
using Signaling =
    testing::Types<signaling::RosterContract, signaling::ChatContract, signaling::BroadcastContract,
                   signaling::RoomsContract, signaling::SocketIoContract,
                   signaling::EngineIoContract, signaling::WhipContract>;
INSTANTIATE_TYPED_TEST_SUITE_P(Signaling, MachineContract, Signaling);
}  // namespace lucid::core
