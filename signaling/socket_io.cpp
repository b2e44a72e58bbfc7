#include "signaling/socket_io.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "signaling/detail/json.hpp"
#include "signaling/names.hpp"

namespace lucid::signaling {

namespace {

using detail::dump;
using detail::json;

constexpr std::size_t id_length = 20;
constexpr std::size_t room_length = 64;
constexpr std::size_t most_id_digits = 18;

std::string event_text(const json& arguments) {
  return SocketPacket{.type = SocketPacket::Type::event, .data = dump(arguments)}.text();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Rooms of these pages may have any name that can be seen; some pages give numbers.
std::string room_of(const json& argument) {
  const std::string name = argument.is_string()           ? argument.get<std::string>()
                           : argument.is_number_integer() ? dump(argument)
                                                          : std::string{};
  return clean_name(name, room_length) == name ? name : std::string{};
}

}  // namespace

std::optional<SocketPacket> SocketPacket::parse(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
  SocketPacket packet;
  packet.type = Type(text[0] - '0');
  text.remove_prefix(1);
  if (packet.type == Type::binary_event || packet.type == Type::binary_ack) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    text.remove_prefix(dash + 1);
  }
  if (text.starts_with('/')) {
    const std::size_t comma = text.find(',');
    packet.name_space = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  std::size_t digits = 0;
  std::uint64_t id = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    if (digits >= most_id_digits) return std::nullopt;
    id = id * 10 + static_cast<std::uint64_t>(text[digits] - '0');
  }
  if (digits > 0) packet.id = id;
  packet.data = text.substr(digits);
  return packet;
}

std::string SocketPacket::text() const {
  std::string out(1, static_cast<char>('0' + static_cast<int>(type)));
  if (name_space != "/") out += name_space + ",";
  if (id) out += std::to_string(*id);
  return out + data;
}

SocketIoServer::SocketIoServer(Limits limits, core::WallClock wall, core::Context context)
    : limits_{limits},
      random_{context.random},
      roster_{{.limits = limits, .group = std::max<std::size_t>(limits.room, 2)}, wall, context} {}

void SocketIoServer::is_revision_3(ClientId client, std::string sid) {
  sockets_[client] = {.id = std::move(sid), .revision_3 = true};
}

void SocketIoServer::handle_datagram(Incoming incoming, core::Time now) {
  if (const auto* left = std::get_if<Left>(&incoming)) bye(left->client);
  const auto gone =
      std::get_if<Left>(&incoming) ? std::optional{std::get<Left>(incoming).client} : std::nullopt;
  roster_.handle_datagram(std::move(incoming), now);
  settle(now);
  if (gone) sockets_.erase(*gone);
}

void SocketIoServer::handle_timeout(core::Time now) {
  roster_.handle_timeout(now);
  settle(now);
}

void SocketIoServer::settle(core::Time now) {
  while (auto event = roster_.poll_event()) {
    std::visit(core::Overloaded{[&](const Roster::Came& it) {
                                  Socket& socket = sockets_[it.client];
                                  if (socket.revision_3) connect(it.client, socket);
                                },
                                [&](const Said& it) { said(it, now); },
                                [&](const Roster::Entered& it) { entered(it); },
                                [&](const Roster::Full& it) { full(it); }, [](const auto&) {}},
               *event);
  }
}

void SocketIoServer::connect(ClientId client, Socket& socket) {
  socket.connected = true;
  SocketPacket welcome{.type = SocketPacket::Type::connect};
  if (!socket.revision_3) {
    // Not the sid of its session, which is its key to it.
    socket.id = random_.text(id_length);
    std::ranges::replace(socket.id, '+', '-');
    std::ranges::replace(socket.id, '/', '_');
    welcome.data = dump({{"sid", socket.id}});
  }
  roster_.say(client, welcome.text());
}

void SocketIoServer::said(const Said& said, core::Time now) {
  const auto found = sockets_.find(said.client);
  const auto packet = SocketPacket::parse(said.text);
  if (!packet || found == sockets_.end()) {
    ++roster_.stats.malformed;
    return;
  }
  Socket& socket = found->second;
  if (packet->name_space != "/") {
    if (packet->type != SocketPacket::Type::connect) return;
    const json refusal =
        socket.revision_3 ? json("Invalid namespace") : json{{"message", "Invalid namespace"}};
    roster_.say(said.client, SocketPacket{.type = SocketPacket::Type::connect_error,
                                          .name_space = packet->name_space,
                                          .data = dump(refusal)}
                                 .text());
  } else if (packet->type == SocketPacket::Type::connect) {
    if (!socket.connected) connect(said.client, socket);
  } else if (packet->type == SocketPacket::Type::disconnect) {
    bye(said.client);
    roster_.leave(said.client);
    socket.connected = false;
  } else if (packet->type == SocketPacket::Type::event && socket.connected) {
    event(said.client, socket, *packet, now);
  }
}

void SocketIoServer::event(ClientId client, Socket& socket, const SocketPacket& packet,
                           core::Time now) {
  json arguments = detail::parse(packet.data);
  if (!arguments.is_array() || arguments.empty() || !arguments[0].is_string()) {
    ++roster_.stats.malformed;
    return;
  }
  const std::string name = arguments[0];
  const json argument = arguments.size() > 1 ? arguments[1] : json{};
  if (name == "create or join") {
    const std::string room = room_of(argument);
    if (room.empty()) {
      log(client, "The name of a room has 1 to 64 bytes that can be seen, and no markup.");
      return acknowledge(client, packet.id, dump({{"error", "bad-room"}}));
    }
    log(client, "Received request to create or join room " + room);
    socket.ack = packet.id;
    const Roster::Member* before = roster_.member(client);
    if (before != nullptr && before->group != room) bye(client);
    return roster_.enter(client, room, socket.id, now);
  }
  const Roster::Member* me = roster_.member(client);
  std::size_t others = 0;
  if (me != nullptr && (name == "message" || name == "bye")) {
    others = roster_.group(me->group).size() - 1;
    roster_.tell_group(me->group, event_text(arguments), me->id);
    socket.said_bye = name == "bye" || argument == "bye";
    if (name == "bye") roster_.leave(client);
  }
  acknowledge(client, packet.id, dump({{"to", others}}));
}

void SocketIoServer::entered(const Roster::Entered& entered) {
  const Roster::Member& member = entered.member;
  const std::string& room = member.group;
  const auto group = roster_.group(room);
  std::vector<ClientId> there, all;
  for (const Roster::Member* one : group) {
    if (!one->client) continue;
    if (one->id != member.id) there.push_back(*one->client);
    all.push_back(*one->client);
  }
  // The name under which it is a member is the id that it knows itself by.
  if (!entered.renamed) roster_.say_all(there, event_text({"join", room, member.name}));
  if (member.client) {
    const ClientId client = *member.client;
    Socket& socket = sockets_[client];
    const bool first = group.size() == 1;
    if (first) roster_.say(client, event_text({"empty", room}));
    roster_.say(client, event_text({first ? "created" : "joined", room, socket.id}));
    log(client, "Client ID " + socket.id + (first ? " created room " : " joined room ") + room);
    acknowledge(client, std::exchange(socket.ack, std::nullopt),
                dump({{"event", first ? "created" : "joined"}, {"room", room}, {"id", socket.id}}));
    socket.said_bye = false;
  }
  if (group.size() > 1) roster_.say_all(all, event_text({"ready", room}));
}

void SocketIoServer::full(const Roster::Full& full) {
  roster_.say(full.client, event_text({"full", full.group}));
  log(full.client, "Room " + full.group + " is full");
  acknowledge(full.client, std::exchange(sockets_[full.client].ack, std::nullopt),
              dump({{"event", "full"}, {"room", full.group}}));
}

// Before it leaves its room.
void SocketIoServer::bye(ClientId client) {
  const auto socket = sockets_.find(client);
  const Roster::Member* me = roster_.member(client);
  if (me == nullptr || socket == sockets_.end()) return;
  if (std::exchange(socket->second.said_bye, true)) return;
  roster_.tell_group(me->group, event_text({"message", "bye"}), me->id);
}

void SocketIoServer::log(ClientId client, const std::string& text) {
  roster_.say(client, event_text({"log", json::array({"Message from server:", text})}));
}

void SocketIoServer::acknowledge(ClientId client, std::optional<std::uint64_t> id,
                                 const std::string& data) {
  if (!id) return;
  roster_.say(
      client,
      SocketPacket{.type = SocketPacket::Type::ack, .id = id, .data = "[" + data + "]"}.text());
}

}  // namespace lucid::signaling
