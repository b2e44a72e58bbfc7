// TCP and TLS of a Host: which machine a connection belongs to, and its way on and off the wire.
#include "sim/host.hpp"
#include "sim/world.hpp"

namespace lucid::sim {

void Host::perform(Resident& by, const core::OpenStream& effect, core::Time now) {
  core::Address local = effect.local;
  if (local.ip.is_any()) local.ip = core::Ip::any(effect.remote.family());
  const Connection* connection = find(local.ip);
  if (connection == nullptr || !connection->up ||
      effect.remote.family() != connection->interface.ip.family()) {
    by.post(Closed{effect.id, core::PathError::unreachable});
    return;
  }
  local.ip = connection->interface.ip;
  if (local.port == 0) local.port = free_address(local, Kind::tcp)->port;
  const core::Path path{effect.transport, local, effect.remote};
  auto [open, added] = streams_.emplace(
      path, Open{Stream::connect(path, effect.server_name, world_.pool(), now), &by, effect.id});
  if (!added) {
    by.post(Closed{effect.id, core::PathError::unreachable});
    return;
  }
  pump(open->second, now);
}

void Host::perform(Resident& by, const core::Listen& effect, core::Time) {
  const auto local = free_address(effect.local, Kind::tcp);
  if (!local) {
    by.post(Closed{effect.id, core::PathError::unreachable});
    return;
  }
  listeners_.emplace(*local, Listener{&by, effect.id});
  by.post(Listening{effect.id, *local});
}

void Host::perform(Resident& by, const core::CloseStream& effect, core::Time now) {
  std::erase_if(listeners_, [&](const auto& entry) {
    return entry.second.owner == &by && entry.second.id == effect.id;
  });
  for (auto& [path, open] : streams_) {
    if (open.owner != &by || open.id != effect.id) continue;
    open.stream.close(now);
    pump(open, now);
  }
}

void Host::receive_stream(Packet packet, core::Time now) {
  core::Path path = packet.path;
  std::swap(path.local, path.remote);
  auto open = streams_.find(path);
  if (open == streams_.end() && packet.segment.kind == Segment::Kind::open) {
    auto listener = listeners_.find(path.local);
    if (listener == listeners_.end()) {
      listener = listeners_.find({core::Ip::any(path.local.family()), path.local.port});
    }
    if (listener != listeners_.end()) {
      Open accepted{
          Stream::accept(packet, answers_.certificate, world_.pool()), listener->second.owner, {}};
      open = streams_.emplace(path, std::move(accepted)).first;
      return pump(open->second, now);
    }
  }
  if (open != streams_.end()) {
    open->second.stream.handle_datagram(std::move(packet), now);
    return pump(open->second, now);
  }
  if (!answers_.refusals || packet.segment.kind == Segment::Kind::reset) return;
  put_on_wire({path, core::Ecn::not_ect, {}, {.kind = Segment::Kind::reset}}, now);
}

void Host::pump(Open& open, core::Time now) {
  while (auto event = open.stream.poll_event()) report(open, std::move(*event), now);
  while (auto packet = open.stream.poll_transmit()) put_on_wire(std::move(*packet), now);
  world_.reschedule(*this);
}

void Host::report(Open& open, Stream::Event event, core::Time now) {
  const core::Path& path = open.stream.path();
  if (std::holds_alternative<Stream::Opened>(event)) {
    if (open.id) open.owner->post(Opened{*open.id, path});
  } else if (auto* message = std::get_if<Stream::Message>(&event)) {
    core::trace::Tracer{world_.sink(), {"sim", open.owner->id()}}.packet(
        now, core::trace::Direction::in, path, message->bytes);
    open.owner->post(core::Datagram{path, core::Ecn::not_ect, std::move(message->bytes)});
  } else if (const auto* ended = std::get_if<Stream::Ended>(&event)) {
    if (open.id) {
      open.owner->post(Closed{*open.id, ended->reason});
    } else {
      open.owner->post(PathFailed{path, ended->reason});
    }
  }
}

// A connection that is over is taken away here and not within pump(), whose callers still hold it.
std::optional<core::Time> Host::next() const {
  std::optional<core::Time> next;
  for (const auto& [path, open] : streams_) {
    next = core::earliest(next, open.stream.done() ? world_.now() : open.stream.next_timeout());
  }
  return next;
}

void Host::fire(core::Time now) {
  for (auto& [path, open] : streams_) {
    open.stream.handle_timeout(now);
    pump(open, now);
  }
  std::erase_if(streams_, [](const auto& entry) { return entry.second.stream.done(); });
}

}  // namespace lucid::sim
