#include "signaling/rooms.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "signaling/detail/json.hpp"
#include "signaling/names.hpp"

namespace lucid::signaling {

namespace {

using detail::dump;
using detail::json;
using detail::text_of;

std::size_t room_size(const Limits& limits) {
  return std::clamp<std::size_t>(limits.room, 2, RoomsServer::most_in_room);
}

// The room as `me` sees it. Of two the one who came later is polite.
json peers_of(const std::vector<const Roster::Member*>& room, const std::string& me) {
  json peers = json::array();
  bool polite = true;
  for (const Roster::Member* peer : room) {
    if (peer->id == me) {
      polite = false;
    } else {
      peers.push_back({{"id", peer->id}, {"name", peer->name}, {"polite", polite}});
    }
  }
  return peers;
}

}  // namespace

RoomsServer::RoomsServer(Limits limits, core::WallClock wall, core::Context context)
    : limits_{limits},
      roster_{
          {.limits = limits, .group = room_size(limits), .unique_names = false}, wall, context} {}

void RoomsServer::handle_datagram(Incoming incoming, core::Time now) {
  roster_.handle_datagram(std::move(incoming), now);
  settle(now);
}

void RoomsServer::handle_timeout(core::Time now) {
  roster_.handle_timeout(now);
  settle(now);
}

void RoomsServer::settle(core::Time now) {
  while (auto event = roster_.poll_event()) {
    std::visit(core::Overloaded{[&](const Said& it) { said(it, now); },
                                [&](const Roster::Entered& it) { entered(it); },
                                [&](const Roster::Gone& it) { gone(it.member); },
                                [&](const Roster::Full& it) {
                                  roster_.say(it.client, dump({{"type", "full"},
                                                               {"room", it.group},
                                                               {"size", room_size(limits_)}}));
                                },
                                [](const auto&) {}},
               *event);
  }
}

void RoomsServer::said(const Said& said, core::Time now) {
  json message = detail::parse(said.text);
  const std::string type = message.is_object() ? text_of(message, "type") : std::string{};
  if (type.empty()) {
    ++roster_.stats.malformed;
    return complain(
        said.client, "bad-message",
        R"(A message is a JSON object with a "type", such as {"type":"join","room":"blue"}.)");
  }
  if (type == "join") {
    return join(said.client, text_of(message, "room"), text_of(message, "name"), now);
  }
  if (type == "leave") return roster_.leave(said.client);
  const Roster::Member* me = roster_.member(said.client);
  if (me == nullptr) {
    return complain(said.client, "not-joined",
                    R"(Join a room first: {"type":"join","room":"blue"}.)");
  }
  message["from"] = me->id;
  const std::string to = text_of(message, "to");
  if (to.empty()) return roster_.tell_group(me->group, dump(message), me->id);
  const Roster::Member* peer = roster_.member(to);
  if (peer == nullptr || peer->group != me->group) {
    ++roster_.stats.no_such_target;
    return complain(said.client, "no-such-peer",
                    R"(Nobody in your room has the id in "to"; "peers" says who is there.)");
  }
  roster_.tell(to, dump(message));
}

void RoomsServer::join(ClientId client, const std::string& room, const std::string& name,
                       core::Time now) {
  if (!is_room_name(room)) {
    return complain(client, "bad-room",
                    "The name of a room has 1 to 64 letters, digits and -_.~ in it.");
  }
  roster_.enter(client, room, clean_name(name, limits_.name), now);
}

void RoomsServer::entered(const Roster::Entered& entered) {
  const Roster::Member& member = entered.member;
  const auto room = roster_.group(member.group);
  if (member.client) {
    roster_.say(*member.client, dump({{"type", "joined"},
                                      {"room", member.group},
                                      {"id", member.id},
                                      {"name", member.name},
                                      {"polite", !room.empty() && room.front()->id != member.id},
                                      {"size", room_size(limits_)},
                                      {"peers", peers_of(room, member.id)}}));
  }
  tell_peers(member.group, member.id);
}

void RoomsServer::gone(const Roster::Member& member) {
  const std::string text =
      dump({{"type", "left"}, {"room", member.group}, {"id", member.id}, {"name", member.name}});
  for (const Roster::Member* peer : roster_.group(member.group)) {
    if (peer->client) roster_.say(*peer->client, text);
  }
  tell_peers(member.group, {});
}

void RoomsServer::tell_peers(const std::string& name, const std::string& but) {
  const auto room = roster_.group(name);
  for (const Roster::Member* peer : room) {
    if (!peer->client || peer->id == but) continue;
    roster_.say(*peer->client,
                dump({{"type", "peers"}, {"room", name}, {"peers", peers_of(room, peer->id)}}));
  }
}

void RoomsServer::complain(ClientId client, const char* error, const char* message) {
  roster_.say(client, dump({{"type", "error"}, {"error", error}, {"message", message}}));
}

}  // namespace lucid::signaling
